#include "report/timing.h"

#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "metrics/bootstrap.h"
#include "metrics/stats.h"

void timing_add(struct timing_plan *plan, const double *seconds, int images) {
    size_t width = (size_t)plan->step_count, used = width * (size_t)plan->sample_count;
    mem_grow(&plan->seconds, &plan->capacity, used + width, sizeof *plan->seconds);
    for (size_t s = 0; s < width; s++) plan->seconds[used + s] = seconds[s] / images;
    plan->sample_count++;
}

void timing_plan_free(struct timing_plan *plan) {
    mem_free(plan->steps);
    mem_free(plan->seconds);
    *plan = (struct timing_plan){0};
}

struct timing_summary timing_summarize(const double *samples, int count) {
    if (count == 0) return (struct timing_summary){0};
    size_t n = (size_t)count;
    double *sorted = mem_array(n, sizeof *sorted);
    memcpy(sorted, samples, n * sizeof *sorted);
    stats_sort(sorted, n);
    double lower = stats_quantile(sorted, n, 0.25), upper = stats_quantile(sorted, n, 0.75);
    struct timing_summary summary = {.median = stats_quantile(sorted, n, 0.5),
                                     .min = sorted[0],
                                     .p95 = stats_quantile(sorted, n, 0.95)};
    if (summary.median > 0) summary.spread = (upper - lower) / summary.median;
    for (size_t i = 0; i < n; i++) summary.outliers += sorted[i] > upper + 3 * (upper - lower);
    mem_free(sorted);
    return summary;
}

/* Per sample the sum over all steps of the plan, or with `block_of_step` over those of `block`, or
 * of any block of the variant when that is -1. The caller frees it. */
static double *sums(const struct timing_plan *plan, const int *block_of_step, int block) {
    double *totals = mem_array((size_t)plan->sample_count, sizeof *totals);
    for (int i = 0; i < plan->sample_count; i++) {
        const double *row = plan->seconds + (size_t)i * (size_t)plan->step_count;
        for (int s = 0; s < plan->step_count; s++) {
            bool keep =
                !block_of_step || (block < 0 ? block_of_step[s] >= 0 : block_of_step[s] == block);
            if (keep) totals[i] += row[s];
        }
    }
    return totals;
}

double *timing_samples(const struct timing_variant *variant) {
    return sums(variant->plan, variant->block_of_step, -1);
}

double *timing_block_samples(const struct timing_variant *variant, int block) {
    return sums(variant->plan, variant->block_of_step, block);
}

double *timing_plan_samples(const struct timing_plan *plan) {
    return sums(plan, NULL, -1);
}

struct timing_summary timing_variant_summary(const struct timing_variant *variant) {
    double *samples = timing_samples(variant);
    struct timing_summary summary = timing_summarize(samples, variant->plan->sample_count);
    mem_free(samples);
    return summary;
}

struct timing_summary timing_step_summary(const struct timing_plan *plan, int step) {
    double *samples = mem_array((size_t)plan->sample_count, sizeof *samples);
    for (int i = 0; i < plan->sample_count; i++)
        samples[i] = plan->seconds[(size_t)i * (size_t)plan->step_count + (size_t)step];
    struct timing_summary summary = timing_summarize(samples, plan->sample_count);
    mem_free(samples);
    return summary;
}

double timing_rate(double effective, double seconds) {
    return seconds > 0 ? 2 * effective / seconds : 0;
}

/* Divides `samples` by those of the reference, round by round, and frees them. */
static struct timing_ratio ratio_of(double *samples, const double *reference, size_t n) {
    struct bootstrap_options options = bootstrap_defaults();
    for (size_t i = 0; i < n; i++) samples[i] /= reference[i];
    struct interval interval = bootstrap_median(samples, n, &options);
    struct timing_ratio ratio = {stats_median(samples, n), interval.low, interval.high};
    if (n == 1) ratio.low = ratio.high = NAN;
    mem_free(samples);
    return ratio;
}

/* What the variants take one by one, round by round; the caller frees it. */
static double *sums_of_variants(const struct timing *timing) {
    int count = timing->together->sample_count;
    double *sums = mem_array((size_t)count, sizeof *sums);
    for (int v = 0; v < timing->variant_count; v++) {
        double *samples = timing_samples(&timing->variants[v]);
        for (int i = 0; i < count; i++) sums[i] += samples[i];
        mem_free(samples);
    }
    return sums;
}

void timing_relate(struct timing *timing, int reference) {
    int count = timing->together->sample_count;
    double *to = timing_samples(&timing->variants[reference]);
    bool positive = count > 0;
    for (int i = 0; i < count; i++) positive &= to[i] > 0;
    timing->reference = timing->variants[reference].name;
    for (int v = 0; positive && v < timing->variant_count; v++)
        timing->variants[v].ratio =
            ratio_of(timing_samples(&timing->variants[v]), to, (size_t)count);
    if (positive) {
        double *sums = sums_of_variants(timing);
        timing->together_ratio = ratio_of(timing_plan_samples(timing->together), to, (size_t)count);
        timing->together_share =
            ratio_of(timing_plan_samples(timing->together), sums, (size_t)count);
        mem_free(sums);
    }
    mem_free(to);
}
