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
    sign(w, out, out <= 1 ? 1 : of(w, stride));
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

/* The mode acts unless one position is spread, or nothing is. */
static int upsample(struct walk *w, int size, struct extent scale, enum mode mode) {
    int out = shape_scale(size, of(w, scale));
    sign(w, out, size == 1 || size == out ? -1 : (int)mode);
    return out;
}

static int extras(struct walk *w, int size, const struct extra_list *list) {
    for (int i = 0; i < list->count; i++) {
        const struct extra *e = &list->ops[i];
        if (e->op == EXTRA_CONV) size = conv(w, size, e->kernel, e->stride, e->padding);
        if (e->op == EXTRA_CONV_TRANSPOSE)
            size = conv_transpose(w, size, e->kernel, e->stride, e->padding, e->output_padding);
        if (e->op == EXTRA_UPSAMPLE) size = upsample(w, size, e->scale, e->mode);
    }
    return size;
}

static int decoder(struct walk *w, int size, const struct config_up *up) {
    const struct extent one = {1, 1};
    switch (up->decoder) {
    case DECODER_CONV_TRANSPOSE:
        return conv_transpose(w, size, up->kernel, up->stride, up->padding, up->output_padding);
    case DECODER_UPSAMPLE_CONV:
        return conv(w, upsample(w, size, up->scale, up->mode), up->kernel, one, up->padding);
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

/* What of a fit acts: nothing, a resize of one position in any mode, or the fit itself. */
static int fit_acts(enum fit fit, int from, int to) {
    bool resizes = fit == FIT_NEAREST || fit == FIT_BILINEAR || fit == FIT_BICUBIC;
    if (from == to) return -1;
    return from == 1 && resizes ? -2 : (int)fit;
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
    sign(w, to, fit_acts(b->fit, decoded, to));
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

/* What of two configs the walk sees. */

static bool same_extent(struct extent a, struct extent b) {
    return a.h == b.h && a.w == b.w;
}

static bool same_extras(const struct extra_list *a, const struct extra_list *b) {
    if (a->count != b->count) return false;
    for (int i = 0; i < a->count; i++) {
        const struct extra *p = &a->ops[i], *q = &b->ops[i];
        if (p->op != q->op || !same_extent(p->kernel, q->kernel) ||
            !same_extent(p->stride, q->stride) || !same_extent(p->padding, q->padding) ||
            !same_extent(p->output_padding, q->output_padding) ||
            !same_extent(p->scale, q->scale) || p->mode != q->mode)
            return false;
    }
    return true;
}

static bool same_up(const struct config_up *a, const struct config_up *b) {
    return a->decoder == b->decoder && same_extent(a->kernel, b->kernel) &&
           same_extent(a->stride, b->stride) && same_extent(a->padding, b->padding) &&
           same_extent(a->output_padding, b->output_padding) && same_extent(a->scale, b->scale) &&
           a->mode == b->mode;
}

static bool same_block(const struct config_block *a, const struct config_block *b) {
    return same_extent(a->down.kernel, b->down.kernel) &&
           same_extent(a->down.stride, b->down.stride) &&
           same_extent(a->down.padding, b->down.padding) && same_up(&a->up, &b->up) &&
           a->fit == b->fit && a->skip == b->skip && same_extras(&a->input, &b->input) &&
           same_extras(&a->encoded, &b->encoded) && same_extras(&a->upsampled, &b->upsampled) &&
           same_extras(&a->decoded, &b->decoded);
}

int sizes_alike(const struct config_variant *a, const struct config_variant *b) {
    int alike = 0;
    while (alike < a->block_count && alike < b->block_count &&
           same_block(&a->blocks[alike], &b->blocks[alike]))
        alike++;
    return alike;
}

static int entry_along(const struct config_variant *variant, bool height, int index, int size) {
    struct walk w = {.variant = variant, .height = height};
    for (int i = 0; i < index; i++) {
        const struct config_block *b = &variant->blocks[i];
        size = extras(&w, size, &b->input);
        size = extras(&w, conv(&w, size, b->down.kernel, b->down.stride, b->down.padding),
                      &b->encoded);
    }
    return size;
}

struct extent sizes_entry(const struct config_variant *variant, int index, struct extent size) {
    return (struct extent){entry_along(variant, true, index, size.h),
                           entry_along(variant, false, index, size.w)};
}

struct extent sizes_scaled(struct extent size, int height) {
    int64_t width = ((int64_t)size.w * height + size.h / 2) / size.h;
    return (struct extent){height, width < 1 ? 1 : (int)width};
}
