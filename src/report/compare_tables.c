/* The tables of a comparison: metrics.csv, pairs.csv and metrics.json. */
#include "report/compare.h"

#include <math.h>

#include "json/json_out.h"

void compare_csv(const struct compare *compare, struct text *out) {
    bool has[METRIC_COUNT];
    text_put(out, "image,variant,seed");
    for (int m = 0; m < METRIC_COUNT; m++) {
        has[m] = compare_has_metric(compare, (enum metric)m);
        if (has[m]) text_add(out, ",%s", metric_info((enum metric)m)->name);
    }
    text_put(out, "\n");
    for (int i = 0; i < compare->image_count; i++) {
        for (int k = 0; k < compare->member_count; k++) {
            const double *v = compare_values(compare, i, k);
            text_put_csv(out, compare->images[i]);
            text_put(out, ",");
            text_put_csv(out, compare->members[k].variant);
            text_add(out, ",%d", compare->members[k].seed);
            for (int m = 0; m < METRIC_COUNT; m++) {
                if (!has[m]) continue;
                text_put(out, ",");
                if (!isnan(v[m]))
                    text_put_number(out, v[m]);
                else if (m == METRIC_PSNR && v[METRIC_L1] == 0)
                    text_put(out, "inf");
            }
            text_put(out, "\n");
        }
    }
}

static void put_metrics(struct json_out *o, const struct compare *compare) {
    json_out_array(json_out_key(o, "metrics"));
    for (int m = 0; m < METRIC_COUNT; m++) {
        if (!compare_has_metric(compare, (enum metric)m)) continue;
        const struct metric_info *info = metric_info((enum metric)m);
        json_out_object(json_out_line(o));
        json_out_string(json_out_key(o, "name"), info->name);
        json_out_string(json_out_key(o, "title"), info->title);
        json_out_string(json_out_key(o, "unit"), info->unit);
        json_out_string(json_out_key(o, "better"), info->better > 0   ? "higher"
                                                   : info->better < 0 ? "lower"
                                                                      : "descriptive");
        json_out_double(json_out_key(o, "margin"),
                        compare->margins[m] > 0 ? compare->margins[m] : NAN);
        json_out_end(o);
    }
    json_out_end(o);
}

static void put_variants(struct json_out *o, const struct compare *compare,
                         const struct comparison *comparison) {
    json_out_array(json_out_key(o, "variants"));
    for (int v = 0; v < comparison->variant_count; v++) {
        const struct compare_variant *variant = &comparison->variants[v];
        json_out_object(o);
        json_out_string(json_out_key(o, "name"), variant->name);
        json_out_string(json_out_key(o, "origin"), bind_origin_name(variant->origin));
        json_out_int(json_out_key(o, "seeds"), variant->seeds);
        if (compare->targets)
            json_out_int(json_out_key(o, "checkerboards"), variant->checkerboards);
        json_out_object(json_out_key(o, "means"));
        for (int m = 0; m < METRIC_COUNT; m++)
            if (compare_has_metric(compare, (enum metric)m))
                json_out_double(json_out_key(o, metric_info((enum metric)m)->name),
                                variant->means[m]);
        json_out_end(o);
        json_out_end(o);
    }
    json_out_end(o);
}

static void put_interval(struct json_out *o, const struct interval *interval) {
    json_out_object(json_out_line(json_out_key(o, "interval")));
    json_out_double(json_out_key(o, "low"), interval->low);
    json_out_double(json_out_key(o, "high"), interval->high);
    json_out_string(json_out_key(o, "method"), interval_method_name(interval->method));
    json_out_end(o);
}

static void put_wilcoxon(struct json_out *o, const struct contrast *c) {
    const struct wilcoxon *w = &c->paired.wilcoxon;
    json_out_object(json_out_line(json_out_key(o, "wilcoxon")));
    json_out_double(json_out_key(o, "w_plus"), w->w_plus);
    json_out_double(json_out_key(o, "w_minus"), w->w_minus);
    json_out_int(json_out_key(o, "zeros"), (int64_t)w->zeros);
    json_out_bool(json_out_key(o, "exact"), w->exact);
    json_out_double(json_out_key(o, "p"), w->p);
    json_out_double(json_out_key(o, "p_holm"), c->p_holm);
    json_out_end(o);
}

static void put_contrast(struct json_out *o, const struct compare *compare,
                         const struct comparison *comparison, int index) {
    const struct contrast *c = &comparison->contrasts[index];
    const struct paired *p = &c->paired;
    json_out_object(o);
    json_out_string(json_out_key(o, "metric"), metric_info(c->metric)->name);
    json_out_string(json_out_key(o, "variant"), comparison->variants[c->variant].name);
    json_out_string(json_out_key(o, "reference"), comparison->variants[comparison->reference].name);
    json_out_string(json_out_key(o, "family"),
                    index < comparison->primary_count ? "primary" : "secondary");
    json_out_int(json_out_key(o, "images"), (int64_t)p->n);
    json_out_int(json_out_key(o, "dropped"), (int64_t)p->dropped);
    json_out_int(json_out_key(o, "wins"), (int64_t)p->wins);
    json_out_int(json_out_key(o, "ties"), (int64_t)p->ties);
    json_out_int(json_out_key(o, "losses"), (int64_t)p->losses);
    json_out_double(json_out_key(o, "mean"), p->mean);
    json_out_double(json_out_key(o, "median"), p->median);
    json_out_double(json_out_key(o, "sd"), p->sd);
    json_out_double(json_out_key(o, "hodges_lehmann"), p->hodges_lehmann);
    put_interval(o, &p->interval);
    put_wilcoxon(o, c);
    json_out_double(json_out_key(o, "rank_biserial"), p->rank_biserial);
    json_out_double(json_out_key(o, "d_z"), p->d_z);
    json_out_double(json_out_key(o, "superiority"), p->superiority);
    json_out_double(json_out_key(o, "detectable"), p->detectable);
    double needed = paired_images_needed(p, compare->margins[c->metric]);
    json_out_double(json_out_key(o, "images_needed"), needed > 0 ? needed : NAN);
    json_out_string(json_out_key(o, "verdict"), verdict_name(c->verdict));
    json_out_end(o);
}

static void put_points(struct json_out *o, const char *key, const double *values, int points) {
    json_out_array(json_out_line(json_out_key(o, key)));
    for (int j = 0; j < points; j++) json_out_double(o, values[j]);
    json_out_end(o);
}

static void put_curve(struct json_out *o, const char *key, const struct spectra_curve *curve,
                      int points) {
    json_out_object(json_out_key(o, key));
    put_points(o, "mean", curve->mean, points);
    put_points(o, "low", curve->low, points);
    put_points(o, "high", curve->high, points);
    json_out_end(o);
}

static void put_spectra(struct json_out *o, const struct comparison *comparison) {
    const struct spectra *s = &comparison->spectra;
    double frequencies[SPECTRUM_POINTS];
    for (int j = 0; j < s->points; j++) frequencies[j] = spectra_frequency(s, j);
    json_out_object(json_out_key(o, "spectra"));
    put_points(o, "frequencies", frequencies, s->points);
    put_points(o, "quantiles", (double[]){SPECTRA_LOW, SPECTRA_HIGH}, 2);
    if (s->has_targets) {
        json_out_object(json_out_key(o, "target"));
        put_curve(o, "power_db", &s->target, s->points);
        json_out_end(o);
    }
    json_out_array(json_out_key(o, "variants"));
    for (int v = 0; v < s->variant_count; v++) {
        json_out_object(o);
        json_out_string(json_out_key(o, "name"), comparison->variants[v].name);
        put_curve(o, "power_db", &s->variants[v].power, s->points);
        if (s->has_targets) {
            put_curve(o, "gain_db", &s->variants[v].gain, s->points);
            put_curve(o, "frc", &s->variants[v].frc, s->points);
        }
        json_out_end(o);
    }
    json_out_end(o);
    json_out_end(o);
}

static void put_rows(struct json_out *o, const struct compare *compare) {
    bool has[METRIC_COUNT];
    for (int m = 0; m < METRIC_COUNT; m++) has[m] = compare_has_metric(compare, (enum metric)m);
    json_out_array(json_out_key(o, "rows"));
    for (int i = 0; i < compare->image_count; i++) {
        for (int k = 0; k < compare->member_count; k++) {
            const double *v = compare_values(compare, i, k);
            json_out_object(json_out_line(o));
            json_out_string(json_out_key(o, "image"), compare->images[i]);
            json_out_string(json_out_key(o, "variant"), compare->members[k].variant);
            json_out_int(json_out_key(o, "seed"), compare->members[k].seed);
            json_out_bool(json_out_key(o, "identical"), v[METRIC_L1] == 0);
            for (int m = 0; m < METRIC_COUNT; m++)
                if (has[m])
                    json_out_double(json_out_key(o, metric_info((enum metric)m)->name), v[m]);
            json_out_end(o);
        }
    }
    json_out_end(o);
}

static void put_notes(struct json_out *o, const struct comparison *comparison) {
    json_out_array(json_out_key(o, "notes"));
    for (int v = 0; v < comparison->variant_count; v++) {
        if (v == comparison->reference) continue;
        struct text caveats = {0};
        compare_caveats(comparison, v, &caveats);
        if (caveats.length) {
            caveats.s[caveats.length - 1] = 0;
            json_out_object(o);
            json_out_string(json_out_key(o, "variant"), comparison->variants[v].name);
            json_out_string(json_out_key(o, "text"), caveats.s);
            json_out_end(o);
        }
        text_free(&caveats);
    }
    json_out_end(o);
}

void compare_json(const struct compare *compare, const struct comparison *comparison,
                  struct text *out) {
    struct json_out o = json_out_start(out);
    json_out_object(&o);
    json_out_string(json_out_key(&o, "schema"), "stridelab.metrics/1");
    json_out_string(json_out_key(&o, "domain"),
                    "8-bit images as saved, range 255; luma 0.299 R + 0.587 G + 0.114 B");
    json_out_string(json_out_key(&o, "primary"), metric_info(compare->primary)->name);
    json_out_string(json_out_key(&o, "reference"),
                    comparison->variant_count ? comparison->variants[comparison->reference].name
                                              : NULL);
    json_out_object(json_out_line(json_out_key(&o, "bootstrap")));
    json_out_int(json_out_key(&o, "resamples"), compare->bootstrap.resamples);
    json_out_uint(json_out_key(&o, "seed"), compare->bootstrap.seed);
    json_out_double(json_out_key(&o, "level"), compare->bootstrap.level);
    json_out_end(&o);
    put_metrics(&o, compare);
    put_variants(&o, compare, comparison);
    json_out_array(json_out_key(&o, "contrasts"));
    for (int i = 0; i < comparison->contrast_count; i++) put_contrast(&o, compare, comparison, i);
    json_out_end(&o);
    put_notes(&o, comparison);
    if (comparison->spectra.points) put_spectra(&o, comparison);
    put_rows(&o, compare);
    json_out_end(&o);
}
