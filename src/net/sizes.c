#include "net/sizes.h"

#include "net/shape.h"

struct walk {
    const struct config_variant *variant;
    bool height;
    struct sizes out;
};

static int of(const struct walk *w, struct extent extent) {
    return w->height ? extent.h : extent.w;
}

static void sign(struct walk *w, int size, int acts) {
    uint64_t both = (uint64_t)(uint32_t)size << 32 | (uint32_t)acts;
    w->out.signature = (w->out.signature ^ both) * 0x9E3779B97F4A7C15u;
    w->out.signature ^= w->out.signature >> 29;
}

/* Each step gives the size it leaves, or 0 when it does not fit. */

static int conv(struct walk *w, int size, struct extent kernel, struct extent stride,
                struct extent padding) {
    if (size == 0) return 0;
    int out = shape_conv(size, of(w, kernel), of(w, stride), of(w, padding));
    sign(w, out, out == 1 ? 1 : of(w, stride));
    return out;
}

static int conv_transpose(struct walk *w, int size, struct extent kernel, struct extent stride,
                          struct extent padding, struct extent output_padding) {
    if (size == 0) return 0;
    if (of(w, output_padding) && of(w, output_padding) >= of(w, stride)) return 0;
    int out = shape_conv_transpose(size, of(w, kernel), of(w, stride), of(w, padding),
                                   of(w, output_padding));
    sign(w, out, size == 1 ? 1 : of(w, stride));
    return out;
}

static int extras(struct walk *w, int size, const struct extra_list *list) {
    for (int i = 0; i < list->count; i++) {
        const struct extra *e = &list->ops[i];
        if (e->op == EXTRA_CONV) size = conv(w, size, e->kernel, e->stride, e->padding);
        if (e->op == EXTRA_CONV_TRANSPOSE)
            size = conv_transpose(w, size, e->kernel, e->stride, e->padding, e->output_padding);
        if (e->op == EXTRA_UPSAMPLE) size = shape_scale(size, of(w, e->scale));
    }
    return size;
}

static int decoder(struct walk *w, int size, const struct config_up *up) {
    const struct extent one = {1, 1};
    switch (up->decoder) {
    case DECODER_CONV_TRANSPOSE:
        return conv_transpose(w, size, up->kernel, up->stride, up->padding, up->output_padding);
    case DECODER_UPSAMPLE_CONV:
        return conv(w, shape_scale(size, of(w, up->scale)), up->kernel, one, up->padding);
    case DECODER_PIXEL_SHUFFLE:
        return shape_scale(conv(w, size, up->kernel, one, up->padding), of(w, up->scale));
    case DECODER_CONV:
        return conv(w, size, up->kernel, one, up->padding);
    }
    return 0;
}

static bool can_fit(enum fit fit, int from, int to) {
    if (fit == FIT_ERROR) return from == to;
    if (fit == FIT_CROP) return from >= to;
    if (fit == FIT_PAD) return from <= to;
    return true;
}

/* The block's down half, those inside it and its up half; gives the size of what it hands on. */
static int block(struct walk *w, int index, int size, int image) {
    const struct config_block *b = &w->variant->blocks[index];
    int x = extras(w, size, &b->input);
    int code = conv(w, x, b->down.kernel, b->down.stride, b->down.padding);
    code = extras(w, code, &b->encoded);
    if (index == w->variant->block_count - 1) {
        w->out.code = code;
    } else if (code) {
        code = block(w, index + 1, code, image);
    }
    if (code == 0) return 0;
    int decoded = extras(w, decoder(w, code, &b->up), &b->upsampled);
    int to = index == 0 ? image : x;
    if (decoded == 0 || !can_fit(b->fit, decoded, to)) return 0;
    sign(w, to, decoded == to ? -1 : (int)b->fit);
    int fitted = extras(w, to, &b->decoded);
    return index > 0 && b->skip != SKIP_NONE && fitted != x ? 0 : fitted;
}

struct sizes sizes_along(const struct config_variant *variant, bool height, int size) {
    struct walk w = {.variant = variant, .height = height};
    w.out.fits = block(&w, 0, size, size) > 0;
    return w.out;
}

struct sizes sizes_of(const struct config_variant *variant, struct extent size) {
    struct sizes h = sizes_along(variant, true, size.h), w = sizes_along(variant, false, size.w);
    struct sizes both = {h.fits && w.fits, shape_scale(h.code, w.code),
                         h.signature * 3 + w.signature};
    if (variant->style == STYLE_CONCAT && both.code != 1) both.fits = false;
    return both;
}

struct extent sizes_scaled(struct extent size, int height) {
    int64_t width = ((int64_t)size.w * height + size.h / 2) / size.h;
    return (struct extent){height, width < 1 ? 1 : (int)width};
}
