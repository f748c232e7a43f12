/* A variant as the source of a PyTorch module that needs nothing else: its state_dict has the
 * checkpoint's own names, all of them, so that the checkpoint loads strictly, and forward() has
 * one line an operation. It reads images of the size that the network was built for. */
#ifndef REPORT_TORCH_MODULE_H
#define REPORT_TORCH_MODULE_H

#include "base/text.h"
#include "engine/bind.h"

struct torch_module {
    const struct graph *graph;     /* unbound: its weights are told apart by their plain names */
    const struct net *net;         /* ok */
    const struct binding *binding; /* NULL: the tensors have their plain names */
    const struct checkpoint *checkpoint; /* that the binding reads, or NULL */
    double mean, std;
    const char *version; /* of the program */
};

void torch_module_write(const struct torch_module *module, struct text *out);

#endif
