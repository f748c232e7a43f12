/* The probe's numbers as JSON and CSV. */
#include "report/probe.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "json/json_out.h"

const char *probe_what_name(enum probe_what what) {
    static const char *const names[] = {"zero", "mean", "shuffle"};
    return names[what];
}

const char *probe_norm_name(enum probe_norm norm) {
    static const char *const names[] = {"running", "image", "batch"};
    return names[norm];
}

const char *probe_label(const struct probe_variant *variant, char *buffer, size_t size) {
    if (variant->seeds <= 1) return variant->name;
    snprintf(buffer, size, "%s seed %d", variant->name, variant->seed);
    return buffer;
}

static void add_mean(double *mean, int *count, double value) {
    if (isnan(value)) return;
    *mean += (value - *mean) / ++*count;
}

void probe_add_change(struct probe_change *change, double levels, double max,
                      const double dsnr[BAND_COUNT]) {
    add_mean(&change->levels, &change->images, levels);
    change->max = fmax(change->max, max);
    for (int b = 0; b < BAND_COUNT; b++)
        add_mean(&change->dsnr[b], &change->dsnr_images[b], dsnr[b]);
}

void probe_add_l1(struct probe_norm_mode *mode, double l1) {
    add_mean(&mode->l1, &mode->targets, l1);
}

void probe_add_step(struct probe_step *step, double mean, double max) {
    step->differs = step->differs || max != 0; /* also when NaN: a map of zeros against others */
    add_mean(&step->mean, &step->images, mean);
    step->max = fmax(step->max, max);
}

static const char *const BAND_KEYS[BAND_COUNT] = {"dsnr_lo", "dsnr_mid", "dsnr_hi"};

double probe_bound(const struct probe *probe, const struct probe_block *block) {
    const struct probe_variant *reference = &probe->variants[0];
    for (int b = 0; block->alone && b < reference->block_count; b++)
        if (strcmp(reference->blocks[b].name, block->name) == 0)
            return block->changes[PROBE_ZERO].levels +
                   reference->blocks[b].changes[PROBE_ZERO].levels;
    return NAN;
}

static void put_change(struct json_out *o, const char *key, const struct probe_change *c) {
    if (!c->images) {
        json_out_null(json_out_key(o, key));
        return;
    }
    json_out_object(json_out_line(json_out_key(o, key)));
    json_out_int(json_out_key(o, "images"), c->images);
    json_out_double(json_out_key(o, "levels"), c->levels);
    json_out_double(json_out_key(o, "contribution"), c->levels / 255);
    json_out_double(json_out_key(o, "max"), c->max);
    for (int b = 0; b < BAND_COUNT; b++)
        json_out_double(json_out_key(o, BAND_KEYS[b]), c->dsnr_images[b] ? c->dsnr[b] : NAN);
    json_out_end(o);
}

static void put_shape(struct json_out *o, const char *key, struct shape shape) {
    json_out_array(json_out_line(json_out_key(o, key)));
    json_out_int(o, shape.c);
    json_out_int(o, shape.h);
    json_out_int(o, shape.w);
    json_out_end(o);
}

static void put_blocks(struct json_out *o, const struct probe *probe,
                       const struct probe_variant *v) {
    json_out_array(json_out_key(o, "blocks"));
    for (int i = 0; i < v->block_count; i++) {
        const struct probe_block *block = &v->blocks[i];
        json_out_object(o);
        json_out_string(json_out_key(o, "name"), block->name);
        put_shape(o, "joined", block->shape);
        for (int w = 0; w < PROBE_WHATS; w++)
            put_change(o, probe_what_name((enum probe_what)w), &block->changes[w]);
        json_out_double(json_out_key(o, "bound"), probe_bound(probe, block));
        json_out_end(o);
    }
    json_out_end(o);
}

static const char *step_status(const struct probe_step *step) {
    return step->missing  ? "no such block"
           : step->same   ? "same computation"
           : step->images ? step->differs ? "differs" : "equal"
                          : "shapes differ";
}

static void put_steps(struct json_out *o, const struct probe_variant *v) {
    json_out_array(json_out_key(o, "parting"));
    for (int i = 0; i < v->step_count; i++) {
        const struct probe_step *step = &v->steps[i];
        json_out_object(json_out_line(o));
        json_out_string(json_out_key(o, "block"), step->block);
        json_out_string(json_out_key(o, "stage"), step->stage);
        json_out_string(json_out_key(o, "status"), step_status(step));
        put_shape(o, "shape", step->shape);
        if (!step->missing) put_shape(o, "reference_shape", step->reference);
        bool zero = step->same;
        json_out_double(json_out_key(o, "mean"), zero ? 0 : step->images ? step->mean : NAN);
        json_out_double(json_out_key(o, "max"), zero ? 0 : step->images ? step->max : NAN);
        json_out_end(o);
    }
    json_out_end(o);
}

static void put_norms(struct json_out *o, const struct probe_variant *v) {
    if (!v->batch_norms) {
        json_out_null(json_out_key(o, "norms"));
        return;
    }
    json_out_object(json_out_key(o, "norms"));
    json_out_int(json_out_key(o, "batch_norms"), v->batch_norms);
    for (int n = 0; n < PROBE_NORMS; n++) {
        const struct probe_norm_mode *mode = &v->norms[n];
        if (!mode->change.images) {
            json_out_null(json_out_key(o, probe_norm_name((enum probe_norm)n)));
            continue;
        }
        json_out_object(json_out_key(o, probe_norm_name((enum probe_norm)n)));
        put_change(o, "change", &mode->change);
        json_out_double(json_out_key(o, "l1"), mode->targets ? mode->l1 : NAN);
        json_out_end(o);
    }
    json_out_end(o);
}

static void put_variant(struct json_out *o, const struct probe *probe,
                        const struct probe_variant *v) {
    json_out_object(o);
    json_out_string(json_out_key(o, "name"), v->name);
    json_out_int(json_out_key(o, "seed"), v->seed);
    json_out_string(json_out_key(o, "origin"), bind_origin_name(v->origin));
    json_out_string(json_out_key(o, "runs_as"), v->runs_as);
    put_blocks(o, probe, v);
    put_steps(o, v);
    put_change(o, "output", &v->output);
    put_norms(o, v);
    json_out_end(o);
}

void probe_json(const struct probe *probe, struct text *out) {
    struct json_out o = json_out_start(out);
    json_out_object(&o);
    json_out_string(json_out_key(&o, "schema"), "stridelab.probe/1");
    json_out_string(json_out_key(&o, "reference"), probe->reference);
    json_out_int(json_out_key(&o, "images_available"), probe->available);
    json_out_array(json_out_key(&o, "images"));
    for (int i = 0; i < probe->image_count; i++) json_out_string(&o, probe->images[i]);
    json_out_end(&o);
    json_out_array(json_out_key(&o, "variants"));
    for (int v = 0; v < probe->variant_count; v++) put_variant(&o, probe, &probe->variants[v]);
    json_out_end(&o);
    json_out_end(&o);
}

static void put_cell(struct text *out, bool has, double value) {
    text_put(out, ",");
    if (has && isfinite(value)) text_put_number(out, value);
}

static void csv_start(struct text *out, const struct probe_variant *v, const char *part,
                      const char *block, const char *what, int images) {
    text_put_csv(out, v->name);
    text_add(out, ",%d,%s,", v->seed, part);
    text_put_csv(out, block);
    text_add(out, ",%s,%d", what, images);
}

static void csv_change(struct text *out, const struct probe_change *c) {
    put_cell(out, c->images, c->levels);
    put_cell(out, c->images, c->max);
    for (int b = 0; b < BAND_COUNT; b++) put_cell(out, c->dsnr_images[b], c->dsnr[b]);
}

static void csv_variant(const struct probe_variant *v, struct text *out) {
    for (int i = 0; i < v->block_count; i++)
        for (int w = 0; w < PROBE_WHATS; w++) {
            const struct probe_change *c = &v->blocks[i].changes[w];
            csv_start(out, v, "block", v->blocks[i].name, probe_what_name((enum probe_what)w),
                      c->images);
            csv_change(out, c);
            text_put(out, ",\n");
        }
    for (int i = 0; i < v->step_count; i++) {
        const struct probe_step *step = &v->steps[i];
        csv_start(out, v, "parting", step->block, step->stage, step->images);
        put_cell(out, step->same || step->images, step->mean);
        put_cell(out, step->same || step->images, step->max);
        text_put(out, ",,,,\n");
    }
    for (int n = 0; n < PROBE_NORMS; n++) {
        const struct probe_norm_mode *mode = &v->norms[n];
        if (!mode->change.images) continue;
        csv_start(out, v, "norm", "", probe_norm_name((enum probe_norm)n), mode->change.images);
        csv_change(out, &mode->change);
        put_cell(out, mode->targets, mode->l1);
        text_put(out, "\n");
    }
}

void probe_csv(const struct probe *probe, struct text *out) {
    text_put(out, "variant,seed,part,block,what,images,mean,max,dsnr_lo,dsnr_mid,dsnr_hi,l1\n");
    for (int v = 0; v < probe->variant_count; v++) csv_variant(&probe->variants[v], out);
}
