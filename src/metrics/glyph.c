#include "metrics/glyph.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "metrics/edt.h"
#include "metrics/stats.h"
#include "metrics/topology.h"

unsigned char *glyph_mask(struct scratch *scratch, const struct plane *image) {
    size_t n = plane_size(image);
    unsigned char *mask = SCRATCH(scratch, unsigned char, n);
    for (size_t i = 0; i < n; i++) mask[i] = image->v[i] < 128;
    return mask;
}

unsigned char *glyph_boundary(struct scratch *scratch, const unsigned char *mask, int w, int h) {
    unsigned char *out = SCRATCH(scratch, unsigned char, (size_t)w *(size_t)h);
    for (int y = 0; y < h; y++) {
        const unsigned char *at = mask + (size_t)y * (size_t)w;
        unsigned char *to = out + (size_t)y * (size_t)w;
        bool edge_row = y == 0 || y == h - 1;
        for (int x = 0; x < w; x++) {
            if (!at[x]) {
                to[x] = 0;
            } else if (edge_row || x == 0 || x == w - 1) {
                to[x] = 1;
            } else {
                const unsigned char *a = at - w, *b = at + w;
                to[x] = !(a[x - 1] & a[x] & a[x + 1] & at[x - 1] & at[x + 1] & b[x - 1] & b[x] &
                          b[x + 1]);
            }
        }
    }
    return out;
}

static double stroke_width(struct scratch *work, const unsigned char *mask, int w, int h) {
    size_t n = (size_t)w * (size_t)h, mark = scratch_mark(work), count = 0;
    unsigned char *skeleton = SCRATCH(work, unsigned char, n);
    double *depth = SCRATCH(work, double, n), sum = 0;
    memcpy(skeleton, mask, n);
    topology_thin(work, skeleton, w, h);
    edt_squared(work, mask, w, h, 0, depth);
    for (size_t i = 0; i < n; i++) {
        if (!skeleton[i]) continue;
        sum += sqrt(depth[i]);
        count++;
    }
    scratch_release(work, mark);
    if (!count) return 0;
    return isinf(sum) ? NAN : 2 * sum / (double)count;
}

void glyph_describe(struct scratch *keep, struct scratch *work, const struct plane *image,
                    struct glyph *out) {
    int w = image->w, h = image->h;
    out->w = w;
    out->h = h;
    out->mask = glyph_mask(keep, image);
    out->boundary = glyph_boundary(keep, out->mask, w, h);
    out->to_boundary = SCRATCH(keep, double, plane_size(image));
    edt_squared(work, out->boundary, w, h, 1, out->to_boundary);
    out->components = topology_components(work, out->mask, w, h);
    out->holes = topology_holes(work, out->mask, w, h);
    out->stroke = stroke_width(work, out->mask, w, h);
}

static double intersection_over_union(const struct glyph *a, const struct glyph *b) {
    size_t n = (size_t)a->w * (size_t)a->h, both = 0, either = 0;
    for (size_t i = 0; i < n; i++) {
        both += a->mask[i] & b->mask[i];
        either += a->mask[i] | b->mask[i];
    }
    return either ? (double)both / (double)either : 1;
}

/* From the boundary of one shape to that of another. */
struct directed {
    size_t count;           /* of boundary pixels */
    double mean, p95, near; /* near: the share within 1 px */
};

static struct directed distances(struct scratch *work, const struct glyph *from,
                                 const struct glyph *to) {
    struct directed out = {0};
    size_t n = (size_t)from->w * (size_t)from->h, mark = scratch_mark(work), near = 0;
    double *d = SCRATCH(work, double, n), sum = 0;
    for (size_t i = 0; i < n; i++) {
        if (!from->boundary[i]) continue;
        double distance = sqrt(to->to_boundary[i]);
        d[out.count++] = distance;
        sum += distance;
        near += distance <= 1;
    }
    if (out.count) {
        stats_sort(d, out.count);
        out.p95 = stats_quantile(d, out.count, 0.95);
        out.mean = sum / (double)out.count;
        out.near = (double)near / (double)out.count;
    }
    scratch_release(work, mark);
    return out;
}

struct glyph_comparison glyph_compare(struct scratch *work, const struct glyph *reference,
                                      const struct glyph *test) {
    struct glyph_comparison out = {.components_diff = test->components - reference->components,
                                   .holes_diff = test->holes - reference->holes};
    out.iou = intersection_over_union(reference, test);
    out.stroke_ratio = reference->stroke > 0 ? test->stroke / reference->stroke : NAN;
    struct directed a = distances(work, test, reference), b = distances(work, reference, test);
    if (!a.count || !b.count) {
        bool both = !a.count && !b.count;
        out.chamfer = out.hd95 = both ? 0 : NAN;
        out.bf1 = both;
        return out;
    }
    out.chamfer = (a.mean + b.mean) / 2;
    out.hd95 = fmax(a.p95, b.p95);
    out.bf1 = a.near + b.near > 0 ? 2 * a.near * b.near / (a.near + b.near) : 0;
    return out;
}
