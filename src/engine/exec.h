/* Execution of every operation but convolutions. */
#ifndef ENGINE_EXEC_H
#define ENGINE_EXEC_H

#include "engine/plan.h"

struct exec_op {
    const char *name;
    step_run *run;
    bool activations; /* it writes activated copies of its result itself */
    /* Makes what the step needs beyond its node, for an input of that shape; may be NULL. */
    void (*prepare)(struct engine *engine, struct step *step, struct shape in);
};
const struct exec_op *exec_op_of(enum op op);

step_run exec_output; /* a root's tensor to the caller */

/* Runs task(context, image, block) for every image at hand and every block of `blocks`, in the
 * engine's pool. */
struct exec_range {
    struct engine *engine;
    const struct step *step;
    int first, count, blocks;
};
void exec_blocks(struct engine *engine, const struct step *step, int first, int count, int blocks,
                 void (*task)(const struct exec_range *range, int image, int block));

/* exec_resize.c */
step_run exec_resample;
void exec_prepare_resample(struct engine *engine, struct step *step, struct shape in);
/* Whether nearest resizing reads position i / (out / in) for every output i. */
bool exec_nearest_is_exact(int in, int out);

/* exec_norm.c */
step_run exec_norm, exec_channel_norm, exec_batch_norm, exec_film;
void exec_prepare_norm(struct engine *engine, struct step *step, struct shape in);

/* exec_attention.c */
step_run exec_attention, exec_linear_attention;
void exec_prepare_attention(struct engine *engine, struct step *step, struct shape in);
void exec_prepare_linear_attention(struct engine *engine, struct step *step, struct shape in);

#endif
