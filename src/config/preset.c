#include "config/preset.h"

#include <stdio.h>
#include <string.h>

#include "config/family.h"
#include "config/schema.h"
#include "json/json_out.h"

int preset_count(void) {
    return family_count;
}

const char *preset_name(int index) {
    return families[index].name;
}

const char *preset_description(int index) {
    return families[index].description;
}

static const struct family *find_family(const char *name, struct err *err) {
    const char *names[16];
    struct text known = {0};
    const struct family *found = NULL;
    for (int i = 0; i < family_count; i++) {
        names[i] = families[i].name;
        text_add(&known, "%s%s", i ? ", " : "", names[i]);
        if (strcmp(names[i], name) == 0) found = &families[i];
    }
    if (!found) {
        const char *near = schema_nearest(name, names, family_count);
        err_add(err, STATUS_BAD_INPUT, "no preset is called \"%s\"%s%s%s; there are %s", SAFE(name),
                near ? ", did you mean \"" : "", near ? near : "", near ? "\"?" : "", known.s);
    }
    text_free(&known);
    return found;
}

static bool check_range(const char *what, int value, int low, int high, struct err *err) {
    return (value >= low && value <= high) ||
           err_add(err, STATUS_BAD_INPUT, "%s %d is not allowed; give %d to %d", what, value, low,
                   high);
}

/* The preset with the options put in: what is written. */
struct plan {
    const struct family *family;
    const struct preset_options *options;
    int ngf, blocks;
};

static int channels_of(const struct plan *p, int block) {
    if (p->options->channels) return p->options->channels[block];
    return p->ngf << (block < 3 ? block : 3);
}

static bool check_plan(const struct plan *p, struct err *err) {
    bool ok = check_range("blocks", p->blocks, 2, 64, err);
    if (!p->options->channels) return check_range("ngf", p->ngf, 1, 8192, err) && ok;
    for (int i = 0; ok && i < p->blocks; i++)
        ok = check_range("channels", channels_of(p, i), 1, 65536, err);
    return ok;
}

/* ---- blocks ---- */

static bool has(const bool *given, family_blocks *standard, const struct plan *p, int block) {
    if (given) return given[block];
    return standard && standard(block, p->blocks);
}

static void put_op(struct text *row, const char *op, int *count) {
    if (op) text_add(row, "%s%s", (*count)++ ? ", " : "", op);
}

/* `"extra": { "encoded": [...], ... }`, with what stands here. */
static void put_extra(const struct plan *p, int block, struct text *row) {
    const struct family *f = p->family;
    bool attends = f->attention && has(p->options->attention, f->has_attention, p, block);
    bool bottom = block == p->blocks - 1 && f->bottleneck;
    bool residual = f->residual && has(p->options->residual, f->has_residual, p, block);
    if (!attends && !bottom && !residual) return;
    const char *lists[3] = {"input", "encoded", "decoded"};
    const char *ops[3][2] = {
        {attends && f->attention_on_input ? f->attention : NULL, NULL},
        {attends && !f->attention_on_input ? f->attention : NULL, bottom ? f->bottleneck : NULL},
        {residual ? f->residual : NULL, NULL}};
    int written = 0;
    text_put(row, ", \"extra\": { ");
    for (int l = 0; l < 3; l++) {
        if (!ops[l][0] && !ops[l][1]) continue;
        int count = 0;
        text_add(row, "%s\"%s\": [", written++ ? ", " : "", lists[l]);
        put_op(row, ops[l][0], &count);
        put_op(row, ops[l][1], &count);
        text_put(row, "]");
    }
    text_put(row, " }");
}

static void put_block(const struct plan *p, int block, struct json_out *o) {
    bool outermost = block == 0, innermost = block == p->blocks - 1;
    char name[24];
    snprintf(name, sizeof name, "b%d", block + 1);
    struct text row = {0};
    text_add(&row, "{ \"name\": \"%s\", \"channels\": %d",
             outermost   ? "outermost"
             : innermost ? "innermost"
                         : name,
             channels_of(p, block));
    if (outermost) text_add(&row, ", %s", p->family->outermost);
    if (innermost) text_add(&row, ", %s", p->family->innermost);
    put_extra(p, block, &row);
    text_put(&row, " }");
    json_out_raw(o, row.s);
    text_free(&row);
}

/* ---- the rest ---- */

static int either(int given, int standard) {
    return given > 0 ? given : standard;
}

static void put_images(const struct plan *p, struct json_out *o) {
    const struct family *f = p->family;
    const struct preset_options *given = p->options;
    json_out_object(json_out_line(json_out_key(o, "input")));
    json_out_int(json_out_key(o, "channels"), either(given->channels_in, f->channels));
    json_out_array(json_out_key(o, "size"));
    json_out_int(o, either(given->size.h, f->size));
    json_out_int(o, either(given->size.w, f->size));
    json_out_end(o);
    json_out_double(json_out_key(o, "mean"), 0.5);
    json_out_double(json_out_key(o, "std"), 0.5);
    json_out_string(json_out_key(o, "resize"), "error");
    json_out_end(o);
    json_out_object(json_out_line(json_out_key(o, "output")));
    json_out_int(json_out_key(o, "channels"), either(given->channels_out, f->channels));
    json_out_string(json_out_key(o, "activation"), "tanh");
    json_out_end(o);
    if (f->style == STYLE_NONE || given->no_style) return;
    json_out_object(json_out_line(json_out_key(o, "style")));
    json_out_string(json_out_key(o, "mode"), config_style_name(f->style));
    json_out_int(json_out_key(o, "count"), either(given->style_count, 40));
    json_out_int(json_out_key(o, "dim"), either(given->style_dim, 128));
    json_out_int(json_out_key(o, "label"), 0);
    json_out_end(o);
}

static void put_defaults(const struct family *f, struct json_out *o) {
    json_out_object(json_out_key(o, "defaults"));
    json_out_raw(json_out_key(o, "down"), f->down);
    json_out_raw(json_out_key(o, "up"), f->up);
    json_out_string(json_out_key(o, "skip"), f->skip);
    json_out_string(json_out_key(o, "skip_source"), "activated");
    json_out_string(json_out_key(o, "fit"), f->fit);
    if (f->upsampled) {
        json_out_object(json_out_key(o, "extra"));
        json_out_array(json_out_key(o, "upsampled"));
        for (const char *const *op = f->upsampled; *op; op++) json_out_raw(o, *op);
        json_out_end(o);
        json_out_end(o);
    }
    json_out_end(o);
}

static void put_weights(const struct plan *p, struct json_out *o) {
    json_out_key(o, "weights");
    if (p->options->weights && p->options->weights_key) {
        json_out_object(json_out_line(o));
        json_out_string(json_out_key(o, "file"), p->options->weights);
        json_out_string(json_out_key(o, "key"), p->options->weights_key);
        json_out_end(o);
    } else if (p->options->weights) {
        json_out_string(o, p->options->weights);
    } else {
        json_out_raw(o, "{ \"random\": 1, \"$comment\": \"to be replaced by a checkpoint's path\" "
                        "}");
    }
}

bool preset_write(const char *name, const struct preset_options *options, struct text *out,
                  struct err *err) {
    const struct family *f = find_family(name, err);
    if (!f) return false;
    struct plan p = {f, options, either(options->ngf, f->ngf), either(options->blocks, f->blocks)};
    if (!check_plan(&p, err)) return false;
    struct json_out o = json_out_start(out);
    json_out_object(&o);
    json_out_string(json_out_key(&o, "$schema"), "stridelab.schema.json");
    json_out_string(json_out_key(&o, "name"), name);
    put_images(&p, &o);
    put_defaults(f, &o);
    json_out_array(json_out_key(&o, "blocks"));
    for (int i = 0; i < p.blocks; i++) put_block(&p, i, &o);
    json_out_end(&o);
    put_weights(&p, &o);
    json_out_array(json_out_key(&o, "variants"));
    for (const char *const *variant = f->variants; *variant; variant++) json_out_raw(&o, *variant);
    json_out_end(&o);
    json_out_end(&o);
    return true;
}
