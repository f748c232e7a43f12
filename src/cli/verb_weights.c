/* weights: what is in a checkpoint, and how it binds to a config's variants. */
#include "base/mem.h"
#include "cli/print.h"
#include "cli/session.h"
#include "cli/verbs.h"
#include "report/weights_list.h"

struct listing {
    struct checkpoint checkpoint;
    struct pool *pool;
    struct tensor_stats *stats;
    struct weights_binding *bindings;
    struct binding *bound; /* per binding */
    int count;
    struct arena arena;
};

static void count_stats(void *context, int index, int worker) {
    (void)worker;
    struct listing *listing = context;
    listing->stats[index] = tensor_stats(&listing->checkpoint.tensors[index]);
}

/* Binds one variant to the file, whatever weights the config names for it. */
static void bind_variant(struct listing *listing, struct binder *binder,
                         const struct config *config, const struct config_variant *named,
                         struct err *err) {
    struct config_variant variant = *named;
    struct config_weights weights = {0};
    if (named->weights_count > 0) weights = named->weights[0];
    weights.file = listing->checkpoint.path;
    weights.sha256 = NULL;
    variant.weights = &weights;
    variant.weights_count = 1;
    struct graph graph = {0};
    struct net net = {0};
    struct err refused = {0};
    struct weights_binding *out = &listing->bindings[listing->count];
    out->variant = named->name;
    net_build(&graph, &variant, variant.size, -2, NULL, NULL, &net, err);
    if (net.ok)
        binder_bind(binder, config, &variant, 0, &graph, &net, &listing->bound[listing->count],
                    &refused);
    else
        err_add(&refused, STATUS_FAILED, "its shapes do not fit: %s", net.error);
    if (refused.text) {
        out->problem = arena_strdup(&listing->arena, refused.text);
    } else {
        out->binding = &listing->bound[listing->count];
        out->phases_count = phases_of_net(&graph, &net, out->binding, &out->phases);
    }
    listing->count++;
    err_free(&refused);
    net_free(&net);
    graph_free(&graph);
}

static bool bind_all(struct listing *listing, const struct options *options, struct err *err) {
    struct session session;
    struct options config_options = *options;
    config_options.arguments.items = (const char *[]){options->config};
    config_options.arguments.count = 1;
    bool ok = session_load(&config_options, &session, err);
    if (ok) {
        struct binder *binder = binder_create(listing->pool);
        listing->bindings = mem_array((size_t)session.variant_count, sizeof *listing->bindings);
        listing->bound = mem_array((size_t)session.variant_count, sizeof *listing->bound);
        for (int v = 0; v < session.variant_count; v++) {
            struct config_variant variant = *session.variants[v];
            variant.name = arena_strdup(&listing->arena, variant.name);
            bind_variant(listing, binder, &session.config, &variant, err);
        }
        binder_free(binder);
    }
    session_free(&session);
    return ok;
}

static enum status conclude(const struct listing *listing) {
    for (int b = 0; b < listing->count; b++)
        if (!listing->bindings[b].binding) return STATUS_FAILED;
    return STATUS_OK;
}

enum status verb_weights(const struct options *options, struct err *err) {
    struct listing l = {0};
    struct text out = {0};
    bool ok = print_format_allowed(options, "table json csv", err);
    if (ok) {
        l.pool = pool_create(options->threads);
        struct checkpoint_options open = {.allow_nonfinite = true,
                                          .pool = l.pool,
                                          .key = options_set_value(options, "weights.key")};
        ok = checkpoint_open(options->arguments.items[0], &open, &l.checkpoint, err);
    }
    if (ok) {
        l.stats = mem_array((size_t)l.checkpoint.tensor_count, sizeof *l.stats);
        pool_run(l.pool, count_stats, &l, l.checkpoint.tensor_count);
        ok = checkpoint_digest(&l.checkpoint, err) &&
             (!options->config || bind_all(&l, options, err));
    }
    if (ok) {
        struct weights_list list = {&l.checkpoint, l.stats, l.bindings, l.count};
        if (options->format == FORMAT_JSON) {
            weights_list_json(&list, &out);
        } else if (options->format == FORMAT_CSV) {
            weights_list_csv(&list, &out);
        } else {
            struct text table = {0};
            weights_list_table(&list, options->verbose, &table);
            text_put_terminal(&out, table.s);
            text_free(&table);
        }
    }
    enum status status = print_result(&out, ok ? conclude(&l) : err->status, err);
    for (int b = 0; b < l.count; b++) {
        binding_free(&l.bound[b]);
        mem_free(l.bindings[b].phases);
    }
    mem_free(l.bound);
    mem_free(l.bindings);
    mem_free(l.stats);
    checkpoint_free(&l.checkpoint);
    pool_free(l.pool);
    arena_free(&l.arena);
    return status;
}
