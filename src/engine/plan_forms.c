/* Fewer copies of a result. relu(x) = relu(leaky(x)): where a step stores x, or leaky(x), and
 * relu(x) as well, as an encoder block does for the next block and for its skip, those that read
 * the latter can read the former through max(x, 0). All bits stay, and a map is neither written nor
 * kept twice. */
#include "engine/algorithm.h"

static bool can_read(const struct step *step) {
    return step->conv && step->conv->algorithm->reads_relu;
}

static bool all_can_read(const struct engine *e, int tensor) {
    for (int s = 0; s < e->step_count; s++)
        for (int i = 0; i < e->steps[s].input_count; i++)
            if (e->steps[s].input[i] == tensor && !can_read(&e->steps[s])) return false;
    return true;
}

static void read_instead(struct engine *e, int tensor, int from) {
    for (int s = 0; s < e->step_count; s++)
        for (int i = 0; i < e->steps[s].input_count; i++) {
            struct step *step = &e->steps[s];
            if (step->input[i] != tensor) continue;
            step->input[i] = from;
            step->relu[i] = true;
        }
    e->tensors[tensor].image = 0;
}

static bool keeps_positive(const struct plan_form *form) {
    return form->curve == CURVE_NONE || (form->curve == CURVE_LEAKY && form->slope >= 0);
}

/* A form whose relu is that of the result, or NULL. */
static const struct plan_form *find_source(const struct step *step) {
    for (int f = 0; f < step->form_count; f++)
        if (keeps_positive(&step->forms[f])) return &step->forms[f];
    return NULL;
}

void plan_forms(struct engine *e) {
    for (int s = 0; s < e->step_count; s++) {
        struct step *step = &e->steps[s];
        const struct plan_form *source = find_source(step);
        int from = source ? source->tensor : -1, kept = 0;
        for (int f = 0; f < step->form_count; f++) {
            const struct plan_form form = step->forms[f];
            if (form.curve == CURVE_RELU && source && all_can_read(e, form.tensor))
                read_instead(e, form.tensor, from);
            else
                step->forms[kept++] = form;
        }
        step->form_count = kept;
    }
}
