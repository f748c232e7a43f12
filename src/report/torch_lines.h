/* The lines of forward(), and the names in them (private to torch_module). */
#ifndef REPORT_TORCH_LINES_H
#define REPORT_TORCH_LINES_H

#include "report/export_node.h"
#include "report/torch_module.h"

struct torch_weight { /* a tensor as the module has it */
    const char *name; /* the file's, or the plain one */
    int rank;
    int64_t dims[TENSOR_RANK]; /* as in the file: a linear layer may stand for a 1x1 convolution */
    bool of_file;
};
struct torch_weight torch_weight(const struct torch_module *module, int slot);

/* A string literal, all ASCII: names come from files. */
void torch_put_string(const char *s, struct text *out);

/* One line a node, under a comment for each half of a block. */
void torch_put_lines(const struct torch_module *module, const struct export_node *nodes,
                     struct text *out);

#endif
