/* export: a variant as an ONNX model, or as the source of a PyTorch module. */
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "cli/print.h"
#include "cli/session.h"
#include "cli/verbs.h"
#include "cli/version.h"
#include "report/onnx.h"
#include "report/torch_module.h"

static bool check_request(const struct options *options, const struct session *session,
                          struct err *err) {
    if (!options->onnx && !options->torch)
        err_add(err, STATUS_BAD_INPUT, "export needs --onnx FILE or --torch");
    if (session->variant_count == 1) {
        const struct config_variant *variant = session->variants[0];
        if (options->label_from_name && variant->style == STYLE_NONE)
            err_add(err, STATUS_BAD_INPUT, "--label-input: %s has no style", variant->name);
        return err->status == STATUS_OK;
    }
    struct text names = {0};
    for (int i = 0; i < session->variant_count; i++)
        text_add(&names, "%s%s", i ? ", " : "", session->variants[i]->name);
    err_add(err, STATUS_BAD_INPUT, "export writes one variant: choose with --variant one of %s",
            names.s);
    text_free(&names);
    return false;
}

/* A module can be written of a design without weights. */
static bool needs_weights(const struct options *options, const struct config_variant *variant) {
    return options->onnx || variant->weights_count > 0;
}

static bool bind(const struct options *options, struct session *session, struct extent size,
                 struct err *err) {
    const struct config_variant *variant = session->variants[0];
    if (!needs_weights(options, variant)) return true;
    if (!session_bind(session, options, size, err)) return false;
    if (variant->weights_count > 1 && !options->quiet)
        fprintf(stderr, "%s has %d training seeds; this is the first\n", variant->name,
                variant->weights_count);
    return true;
}

static bool build(const struct session *session, struct extent size, net_bind_slot *bind_with,
                  void *context, struct graph *graph, struct net *net, struct err *err) {
    const struct config_variant *variant = session->variants[0];
    if (!net_build(graph, variant, size, session->label, bind_with, context, net, err))
        return false;
    return net->ok || err_add(err, STATUS_FAILED, "%s at %dx%d: %s", variant->name, size.h, size.w,
                              net->error);
}

/* Whether the model is also that of twice the size, and so of others. */
static bool any_size(const struct session *session, const struct onnx *onnx) {
    struct extent twice = {2 * onnx->net->input.h, 2 * onnx->net->input.w};
    struct graph graph = {0};
    struct net net = {0};
    struct err err = {0}; /* it may not fit there, or be too large */
    struct onnx other = {.graph = &graph, .net = &net};
    bool same =
        build(session, twice, bind_slot, &session->members[0].binding, &graph, &net, &err) &&
        onnx_same(onnx, &other);
    net_free(&net);
    graph_free(&graph);
    err_free(&err);
    return same;
}

static bool write_onnx(const struct options *options, const struct session *session,
                       struct extent size, struct err *err) {
    struct graph graph = {0};
    struct net net = {0};
    struct text model = {0};
    bool ok = build(session, size, bind_slot, &session->members[0].binding, &graph, &net, err);
    if (ok) {
        struct onnx onnx = {.graph = &graph,
                            .net = &net,
                            .mean = session->variants[0]->mean,
                            .std = session->variants[0]->std,
                            .version = STRIDELAB_VERSION};
        onnx.any_size = options->size.h == 0 && any_size(session, &onnx);
        ok =
            onnx_write(&onnx, &model, err) && file_write(options->onnx, model.s, model.length, err);
    }
    text_free(&model);
    net_free(&net);
    graph_free(&graph);
    return ok;
}

/* The checkpoint that the first member reads, or NULL. */
static const struct checkpoint *file_of(const struct session *session) {
    const struct binding *binding = &session->members[0].binding;
    for (int f = 0; f < binder_file_count(session->binder); f++)
        for (int i = 0; i < binding->count; i++)
            if (binding->weights[i].file &&
                strcmp(binding->weights[i].file, binder_file(session->binder, f)->path) == 0)
                return binder_file(session->binder, f);
    return NULL;
}

static bool write_torch(const struct session *session, struct extent size, struct text *out,
                        struct err *err) {
    struct graph graph = {0};
    struct net net = {0};
    bool ok = build(session, size, NULL, NULL, &graph, &net, err);
    if (ok) {
        bool bound = session->member_count > 0;
        struct torch_module module = {.graph = &graph,
                                      .net = &net,
                                      .binding = bound ? &session->members[0].binding : NULL,
                                      .checkpoint = bound ? file_of(session) : NULL,
                                      .mean = session->variants[0]->mean,
                                      .std = session->variants[0]->std,
                                      .version = STRIDELAB_VERSION};
        torch_module_write(&module, out);
    }
    net_free(&net);
    graph_free(&graph);
    return ok;
}

enum status verb_export(const struct options *options, struct err *err) {
    struct session session;
    struct text out = {0};
    bool ok = session_load(options, &session, err) && check_request(options, &session, err);
    if (ok) {
        struct extent size = options->size.h > 0 ? options->size : session.variants[0]->size;
        struct graph graph = {0}; /* a misfit is told before weights are read */
        struct net net = {0};
        ok = build(&session, size, NULL, NULL, &graph, &net, err) &&
             bind(options, &session, size, err);
        net_free(&net);
        graph_free(&graph);
        ok = ok && (!options->torch || write_torch(&session, size, &out, err));
        ok = ok && (!options->onnx || write_onnx(options, &session, size, err));
    }
    session_free(&session);
    if (!ok) text_free(&out);
    return print_result(&out, ok ? STATUS_OK : err->status, err);
}
