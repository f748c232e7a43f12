/* Which steps take all images of the batch at once, how long every tensor lives, and where. */
#include <assert.h>
#include <stdlib.h>

#include "engine/algorithm.h"

/* A stretch of steps: together ones, or ones that are done image by image, all of them for one
 * image before the next. */
static int stretch_end(const struct engine *e, int start) {
    int end = start;
    while (end < e->step_count && e->steps[end].together == e->steps[start].together) end++;
    return end;
}

static void touch(struct engine *e, int tensor, int first, int last) {
    if (tensor < 0) return;
    struct tensor *t = &e->tensors[tensor];
    if (t->first < 0) t->first = first;
    t->last = last;
}

/* What `step` reads and writes, in the time of the steps first .. last, which run as one. */
static void touch_all(struct engine *e, const struct step *step, int first, int last) {
    for (int i = 0; i < step->input_count; i++) touch(e, step->input[i], first, last);
    for (int f = 0; f < step->form_count; f++) touch(e, step->forms[f].tensor, first, last);
    if (!step->conv) return;
    touch(e, step->conv->partial_in, first, last);
    touch(e, step->conv->partial_out, first, last);
}

static void find_lifetimes(struct engine *e) {
    for (int t = 0; t < e->tensor_count; t++) e->tensors[t].first = e->tensors[t].last = -1;
    for (int start = 0, end; start < e->step_count; start = end) {
        end = start + e->steps[start].siblings;
        for (int s = start; s < end; s++) touch_all(e, &e->steps[s], start, end - 1);
    }
}

/* A tensor that lives within one stretch of image-by-image steps needs room for one image only. Any
 * other is in use through the whole of the stretches it is touched in, as their steps are repeated.
 */
static void fit_to_stretches(struct engine *e) {
    for (int start = 0, end; start < e->step_count; start = end) {
        end = stretch_end(e, start);
        if (e->steps[start].together) continue;
        for (int i = 0; i < e->tensor_count; i++) {
            struct tensor *t = &e->tensors[i];
            if (t->first >= start && t->last < end) {
                t->single = true;
            } else {
                if (t->first > start && t->first < end) t->first = start;
                if (t->last >= start && t->last < end - 1) t->last = end - 1;
            }
        }
    }
}

struct place { /* sorted: the largest first, then by number, so that the plan is reproducible */
    size_t floats;
    int tensor;
};

static int larger(const void *a, const void *b) {
    const struct place *p = a, *q = b;
    if (p->floats != q->floats) return p->floats < q->floats ? 1 : -1;
    return p->tensor - q->tensor;
}

static size_t floats_of(const struct engine *e, const struct tensor *t) {
    return t->image * (t->single ? 1 : (size_t)e->options.batch);
}

static bool overlap(const struct tensor *a, const struct tensor *b) {
    return a->first <= b->last && b->first <= a->last;
}

/* The lowest place free of every tensor placed before that lives at the same time. */
static size_t find_gap(const struct engine *e, const struct place *places, int placed) {
    const struct tensor *t = &e->tensors[places[placed].tensor];
    size_t offset = 0;
    for (bool moved = true; moved;) {
        moved = false;
        for (int i = 0; i < placed; i++) {
            const struct tensor *other = &e->tensors[places[i].tensor];
            if (!overlap(t, other) || offset + places[placed].floats <= other->offset ||
                other->offset + places[i].floats <= offset)
                continue;
            offset = other->offset + places[i].floats;
            moved = true;
        }
    }
    return offset;
}

static void place_tensors(struct engine *e) {
    struct place *places = mem_array((size_t)e->tensor_count, sizeof *places);
    for (int i = 0; i < e->tensor_count; i++)
        places[i] = (struct place){(floats_of(e, &e->tensors[i]) + 15) / 16 * 16, i};
    qsort(places, (size_t)e->tensor_count, sizeof *places, larger);
    for (int i = 0; i < e->tensor_count; i++) {
        struct tensor *t = &e->tensors[places[i].tensor];
        t->offset = find_gap(e, places, i);
        if (t->offset + places[i].floats > e->arena_floats)
            e->arena_floats = t->offset + places[i].floats;
    }
    mem_free(places);
}

/* Room for the step and its siblings. */
static void find_scratch(struct engine *e, const struct step *step) {
    const struct algorithm *a = step->conv->algorithm;
    size_t scratch = (a->scratch(e, step) + 15) / 16 * 16;
    size_t shared = a->shared_floats ? a->shared_floats(e, step) : 0;
    if (scratch > e->scratch_floats) e->scratch_floats = scratch;
    if (shared > e->shared_floats) e->shared_floats = shared;
}

void plan_memory(struct engine *e) {
    for (int s = 0; s < e->step_count; s += e->steps[s].siblings)
        if (e->steps[s].conv) find_scratch(e, &e->steps[s]);
    for (int s = 1; s < e->step_count; s++)
        if (e->steps[s].neutral) e->steps[s].together = e->steps[s - 1].together;
    find_lifetimes(e);
    fit_to_stretches(e);
    place_tensors(e);
}
