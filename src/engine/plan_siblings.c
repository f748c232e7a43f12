/* The order of steps, and which of them run as one. The graph's order is one variant after another,
 * which suits maps: the next step finds them in the caches. But where weights are larger than maps,
 * as in the deep levels of several variants, the same step of all variants (siblings: the same
 * weights, other maps) had better be next to each other, and read the weights once. Each computes
 * what it computes alone, by the same chain of operations. */
#include <stdlib.h>
#include <string.h>

#include "engine/algorithm.h"

/* What the order is made of, for every step. */
struct rank {
    int step;
    int family; /* its first sibling, -1 when it has none */
    int height; /* the most steps with siblings on a way from here to an output, itself included */
};

/* The same weights, and so the same algorithm and sizes of maps, and the same parts of the sum. */
static bool are_siblings(const struct step *a, const struct step *b) {
    const struct conv *p = a->conv, *q = b->conv;
    return p && q && p->packed == q->packed && p->first_part == q->first_part &&
           p->end_part == q->end_part && p->partial_out < 0 && q->partial_out < 0;
}

static void find_families(const struct engine *e, struct rank *ranks) {
    for (int s = 0; s < e->step_count; s++) ranks[s] = (struct rank){s, -1, 0};
    for (int s = 0; s < e->step_count; s++) {
        const struct step *step = &e->steps[s];
        if (ranks[s].family >= 0 || !step->conv || algorithm_siblings(e, step->conv) < 2) continue;
        for (int other = s + 1; other < e->step_count; other++)
            if (are_siblings(step, &e->steps[other])) ranks[s].family = ranks[other].family = s;
    }
}

static void raise_to(int *heights, int tensor, int height) {
    if (tensor >= 0 && heights[tensor] < height) heights[tensor] = height;
}

/* `heights`, of tensors, are zero. */
static void find_heights(const struct engine *e, struct rank *ranks, int *heights) {
    for (int s = e->step_count - 1; s >= 0; s--) {
        const struct step *step = &e->steps[s];
        int height = 0;
        for (int f = 0; f < step->form_count; f++) {
            int of_form = heights[step->forms[f].tensor];
            if (of_form > height) height = of_form;
        }
        if (step->conv && step->conv->partial_out >= 0) height = heights[step->conv->partial_out];
        ranks[s].height = height + (ranks[s].family >= 0);
        for (int i = 0; i < step->input_count; i++)
            raise_to(heights, step->input[i], ranks[s].height);
        if (step->conv) raise_to(heights, step->conv->partial_in, ranks[s].height);
    }
}

/* `count` steps of one family and height, of which none reads another: as many as pay run as one.
 */
static void join_siblings(const struct engine *e, struct step *steps, int count) {
    int most = algorithm_siblings(e, steps->conv);
    for (int s = 0; s < count; s += most) steps[s].siblings = count - s < most ? count - s : most;
}

/* Who reads a result is lower than a step with siblings, and not higher than any: so within a
 * height first those without siblings, as they were, then family after family. */
static int by_rank(const void *a, const void *b) {
    const struct rank *p = a, *q = b;
    if (p->height != q->height) return p->height < q->height ? 1 : -1;
    if (p->family != q->family) return p->family < q->family ? -1 : 1;
    return p->step - q->step;
}

static void sort_steps(struct engine *e, struct rank *ranks) {
    struct step *sorted = mem_array((size_t)e->step_count, sizeof *sorted);
    qsort(ranks, (size_t)e->step_count, sizeof *ranks, by_rank);
    for (int s = 0; s < e->step_count; s++) sorted[s] = e->steps[ranks[s].step];
    for (int s = 0, end; s < e->step_count; s = end) {
        for (end = s + 1; end < e->step_count; end++)
            if (ranks[end].height != ranks[s].height || ranks[end].family != ranks[s].family) break;
        if (ranks[s].family >= 0) join_siblings(e, sorted + s, end - s);
    }
    memcpy(e->steps, sorted, (size_t)e->step_count * sizeof *sorted);
    mem_free(sorted);
}

void plan_siblings(struct engine *e) {
    struct rank *ranks = mem_array((size_t)e->step_count, sizeof *ranks);
    int *heights = mem_array((size_t)e->tensor_count + 1, sizeof *heights);
    find_families(e, ranks);
    find_heights(e, ranks, heights);
    sort_steps(e, ranks);
    mem_free(heights);
    mem_free(ranks);
}
