#include "cli/session.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/machine.h"
#include "base/mem.h"
#include "base/text.h"

/* --weights and --label are overrides of the config; a path on the command line is relative to
 * the current folder, one in the config to the config's. */
static bool load_config(const struct options *options, struct config *config, struct err *err) {
    int count = options->set_count;
    struct config_override *sets = mem_array((size_t)count + 2, sizeof *sets);
    if (count > 0) memcpy(sets, options->sets, (size_t)count * sizeof *sets);
    struct text weights = {0}, label = {0};
    char *absolute = NULL;
    bool ok = true;
    if (options->weights) {
        absolute = realpath(options->weights, NULL);
        ok = absolute || err_add_errno(err, "open", options->weights);
        if (ok) text_put_json(&weights, absolute);
        sets[count++] = (struct config_override){"weights", weights.s};
    }
    if (options->label >= 0) {
        text_add(&label, "%d", options->label);
        sets[count++] = (struct config_override){"style.label", label.s};
    }
    ok = ok && config_load(options->arguments.items[0], sets, count, config, err);
    free(absolute);
    text_free(&weights);
    text_free(&label);
    mem_free(sets);
    return ok;
}

static bool asked_for(const struct options *options, const char *name) {
    for (int i = 0; i < options->variants.count; i++)
        if (strcmp(options->variants.items[i], name) == 0) return true;
    return options->variants.count == 0;
}

static bool select_variants(const struct options *options, struct session *s, struct err *err) {
    for (int i = 0; i < options->variants.count; i++)
        config_want(&s->config, options->variants.items[i], err);
    s->variants = mem_array((size_t)s->config.variant_count, sizeof *s->variants);
    for (int i = 0; i < s->config.variant_count; i++)
        if (asked_for(options, s->config.variants[i].name))
            s->variants[s->variant_count++] = &s->config.variants[i];
    return err->status == STATUS_OK;
}

/* The variants of one run read the same tensor. */
static bool check_inputs(const struct session *s, struct err *err) {
    const struct config_variant *first = s->variants[0];
    for (int i = 1; i < s->variant_count; i++) {
        const struct config_variant *v = s->variants[i];
        if (v->channels_in != first->channels_in || v->size.h != first->size.h ||
            v->size.w != first->size.w || v->mean != first->mean || v->std != first->std ||
            v->resize != first->resize)
            err_add(err, STATUS_BAD_INPUT,
                    "%s and %s differ in `input`: run them apart, with --variant", first->name,
                    v->name);
    }
    return err->status == STATUS_OK;
}

bool session_check_images(const struct session *s, struct err *err) {
    for (int i = 0; i < s->variant_count; i++) {
        const struct config_variant *v = s->variants[i];
        if (v->channels_in != 1 && v->channels_in != 3)
            err_add(err, STATUS_BAD_INPUT, "%s: input.channels is %d, but images have 1 or 3",
                    v->name, v->channels_in);
        if (v->channels_out != 1 && v->channels_out != 3)
            err_add(err, STATUS_BAD_INPUT, "%s: output.channels is %d, but images have 1 or 3",
                    v->name, v->channels_out);
    }
    return err->status == STATUS_OK;
}

bool session_load(const struct options *options, struct session *out, struct err *err) {
    *out = (struct session){0};
    out->label = options->label_from_name ? -1 : -2;
    out->batch = options->batch;
    out->exact = options->exact;
    return load_config(options, &out->config, err) && select_variants(options, out, err);
}

static int seed_count(const struct config_variant *variant) {
    return variant->weights_count > 1 ? variant->weights_count : 1;
}

bool session_bind(struct session *s, const struct options *options, struct extent size,
                  struct err *err) {
    if (!check_inputs(s, err)) return false;
    enum isa best = isa_detect();
    s->isa = options->isa < best ? options->isa : best;
    s->pool = pool_create(options->threads);
    s->binder = binder_create(s->pool);
    int capacity = 0;
    for (int i = 0; i < s->variant_count; i++) capacity += seed_count(s->variants[i]);
    s->members = mem_array((size_t)capacity, sizeof *s->members);
    struct graph graph = {0};
    for (int i = 0; i < s->variant_count; i++) {
        struct net net = {0};
        net_build(&graph, s->variants[i], size, s->label, NULL, NULL, &net, err);
        s->misfits += !net.ok;
        for (int seed = 0; net.ok && seed < seed_count(s->variants[i]); seed++) {
            struct member *member = &s->members[s->member_count];
            *member = (struct member){.variant = s->variants[i], .seed = seed};
            if (binder_bind(s->binder, &s->config, s->variants[i], seed, &graph, &net,
                            &member->binding, err))
                s->member_count++;
        }
        net_free(&net);
    }
    graph_free(&graph);
    return err->status == STATUS_OK;
}

void session_tell_misfits(const struct session *s, struct extent size, struct err *err) {
    if (!s->misfits) return;
    struct graph graph = {0};
    for (int i = 0; i < s->variant_count; i++) {
        struct net net = {0};
        net_build(&graph, s->variants[i], size, s->label, NULL, NULL, &net, err);
        bool inside = net.failed_block >= 0;
        if (!net.ok)
            err_add(err, STATUS_FAILED, "%s does not fit at %dx%d and is not run: %s%s%s",
                    s->variants[i]->name, size.h, size.w,
                    inside ? net.blocks[net.failed_block].name : "", inside ? ": " : "", net.error);
        net_free(&net);
    }
    graph_free(&graph);
    err_add(err, STATUS_FAILED, "`stridelab trace` says what would fit");
}

/* Members that share a root share its computation. */
static void find_roots(struct planned *planned) {
    for (int m = 0; m < planned->member_count; m++) {
        int root = planned->nets[m].root, place = 0;
        while (place < planned->root_count && planned->roots[place] != root) place++;
        if (place == planned->root_count) planned->roots[planned->root_count++] = root;
        planned->root_of[m] = place;
        planned->runs_as[m] = 0;
        while (planned->nets[planned->runs_as[m]].root != root) planned->runs_as[m]++;
    }
}

/* The graph of members first .. first + count - 1 with their weights. */
static struct planned *bound_graph(struct session *s, struct extent size, int first, int count,
                                   struct err *err) {
    struct planned *planned = mem_alloc(sizeof *planned);
    planned->size = size;
    planned->member_count = count;
    planned->nets = mem_array((size_t)count, sizeof *planned->nets);
    planned->root_of = mem_array((size_t)count, sizeof *planned->root_of);
    planned->runs_as = mem_array((size_t)count, sizeof *planned->runs_as);
    planned->roots = mem_array((size_t)count, sizeof *planned->roots);
    bool ok = true;
    for (int m = 0; ok && m < count; m++) {
        struct member *member = &s->members[first + m];
        struct net *net = &planned->nets[m];
        ok = net_build(&planned->graph, member->variant, size, s->label, bind_slot,
                       &member->binding, net, err);
        if (ok && !net->ok)
            ok = err_add(err, STATUS_BAD_INPUT, "%s at %dx%d: %s", member->variant->name, size.h,
                         size.w, net->error);
    }
    if (ok) {
        find_roots(planned);
        return planned;
    }
    planned_free(planned);
    return NULL;
}

bool session_shared(struct session *s, struct extent size, int *runs_as, struct err *err) {
    struct planned *planned = bound_graph(s, size, 0, s->member_count, err);
    if (planned) memcpy(runs_as, planned->runs_as, (size_t)s->member_count * sizeof *runs_as);
    planned_free(planned);
    return planned != NULL;
}

/* When a plan is over the limit: which --batch is not. Plans are made again for that, but there is
 * nothing better to do. */
static void advise_batch(const struct planned *planned, struct engine_options options,
                         struct err *err) {
    int fits = 0, over = options.batch;
    while (over - fits > 1) {
        options.batch = fits + (over - fits) / 2;
        size_t bytes =
            engine_memory(&planned->graph, planned->roots, planned->root_count, &options);
        if (bytes > (options.memory_limit ? options.memory_limit : SIZE_MAX - 1))
            over = options.batch;
        else
            fits = options.batch;
    }
    if (fits > 0)
        err_add(err, STATUS_LIMIT, "  the largest --batch that fits at %dx%d is %d",
                planned->size.h, planned->size.w, fits);
    else
        err_add(err, STATUS_LIMIT, "  at %dx%d not even --batch 1 fits", planned->size.h,
                planned->size.w);
}

struct planned *session_plan_members(struct session *s, struct extent size, int first, int count,
                                     struct err *err) {
    struct planned *planned = bound_graph(s, size, first, count, err);
    if (!planned) return NULL;
    struct engine_options options = {.isa = s->isa,
                                     .batch = s->batch,
                                     .exact = s->exact,
                                     .pool = s->pool,
                                     .memory_limit = machine_available_memory(),
                                     .spent = s->one_plan ? binder_give : NULL,
                                     .spent_context = s->binder};
    struct err refused = {0};
    planned->engine =
        engine_create(&planned->graph, planned->roots, planned->root_count, &options, &refused);
    if (planned->engine) return planned;
    err_add(err, refused.status, "%s", refused.text);
    if (refused.status == STATUS_LIMIT) advise_batch(planned, options, err);
    err_free(&refused);
    planned_free(planned);
    return NULL;
}

enum { PLANS = 4 };

/* Takes the plan for `size` out of the list, or NULL. */
static struct planned *take_plan(struct session *s, struct extent size) {
    for (struct planned **link = &s->planned; *link; link = &(*link)->next) {
        struct planned *planned = *link;
        if (planned->size.h != size.h || planned->size.w != size.w) continue;
        *link = planned->next;
        planned->next = NULL;
        return planned;
    }
    return NULL;
}

/* Drops the plan that was not used for the longest time when there are too many. */
static void make_room(struct session *s) {
    struct planned **oldest = NULL;
    int count = 0;
    for (struct planned **link = &s->planned; *link; link = &(*link)->next, count++)
        if (!(*link)->kept) oldest = link;
    if (count < PLANS || !oldest) return;
    struct planned *dropped = *oldest;
    *oldest = dropped->next;
    dropped->next = NULL;
    planned_free(dropped);
}

struct planned *session_plan(struct session *s, struct extent size, struct err *err) {
    struct planned *planned = take_plan(s, size);
    if (!planned) {
        make_room(s);
        planned = session_plan_members(s, size, 0, s->member_count, err);
    }
    if (!planned) return NULL;
    planned->next = s->planned;
    s->planned = planned;
    return planned;
}

void planned_free(struct planned *planned) {
    if (!planned) return;
    planned_free(planned->next);
    engine_free(planned->engine);
    graph_free(&planned->graph);
    for (int m = 0; m < planned->member_count; m++) net_free(&planned->nets[m]);
    mem_free(planned->root_of);
    mem_free(planned->runs_as);
    mem_free(planned->roots);
    mem_free(planned->nets);
    mem_free(planned);
}

void session_free(struct session *s) {
    planned_free(s->planned);
    for (int m = 0; m < s->member_count; m++) binding_free(&s->members[m].binding);
    mem_free(s->members);
    binder_free(s->binder);
    pool_free(s->pool);
    mem_free(s->variants);
    config_free(&s->config);
    *s = (struct session){0};
}
