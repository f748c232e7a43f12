#include "engine/bind.h"

#include <assert.h>
#include <string.h>

#include "engine/bind_map.h"
#include "engine/bind_origin.h"
#include "engine/bind_problems.h"
#include "engine/initialise.h"
#include "engine/made.h"

struct opened {
    struct checkpoint checkpoint;
    const char *key;         /* as asked for, or NULL */
    bool added;              /* by binder_add: answers to any key */
    uint64_t (*contents)[2]; /* of each tensor with data */
};

struct binder {
    struct pool *pool;
    struct opened **files;
    size_t file_count, file_capacity;
    const char **failed; /* what could not be read, see failure_of */
    size_t failed_count, failed_capacity;
    struct made *made;
    struct arena arena;
};

const char *bind_origin_name(enum origin origin) {
    static const char *const names[] = {"trained", "transplanted", "initialised", "random"};
    return names[origin];
}

struct binder *binder_create(struct pool *pool) {
    struct binder *binder = mem_alloc(sizeof *binder);
    binder->pool = pool;
    return binder;
}

static void free_opened(struct opened *file) {
    checkpoint_free(&file->checkpoint);
    mem_free(file->contents);
    mem_free(file);
}

void binder_free(struct binder *binder) {
    if (!binder) return;
    for (size_t i = 0; i < binder->file_count; i++) free_opened(binder->files[i]);
    mem_free(binder->files);
    mem_free(binder->failed);
    made_free(binder->made);
    arena_free(&binder->arena);
    mem_free(binder);
}

struct pages binder_give(void *binder, const float *data, size_t count) {
    const struct binder *b = binder;
    struct pages pages = {0};
    for (size_t i = 0; i < b->file_count && !pages.bytes; i++)
        pages = checkpoint_give(&b->files[i]->checkpoint, data, count);
    return pages;
}

bool binder_digest(struct binder *binder, struct err *err) {
    bool ok = true;
    for (size_t i = 0; i < binder->file_count; i++)
        ok = checkpoint_digest(&binder->files[i]->checkpoint, err) && ok;
    return ok;
}

int binder_file_count(const struct binder *binder) {
    return (int)binder->file_count;
}

const struct checkpoint *binder_file(const struct binder *binder, int index) {
    return &binder->files[index]->checkpoint;
}

static void identify(void *context, int index, int worker) {
    (void)worker;
    struct opened *file = context;
    const struct tensor *tensor = &file->checkpoint.tensors[index];
    if (tensor->data) made_identify(tensor->data, tensor->count, file->contents[index]);
}

static void keep(struct binder *binder, struct opened *file) {
    int count = file->checkpoint.tensor_count;
    file->contents = mem_array((size_t)count, sizeof *file->contents);
    pool_run(binder->pool, identify, file, count);
    mem_grow(&binder->files, &binder->file_capacity, binder->file_count + 1, sizeof *binder->files);
    binder->files[binder->file_count++] = file;
}

void binder_add(struct binder *binder, struct checkpoint *checkpoint) {
    struct opened *file = mem_alloc(sizeof *file);
    *file = (struct opened){.checkpoint = *checkpoint, .added = true};
    *checkpoint = (struct checkpoint){0};
    keep(binder, file);
}

static bool same_key(const struct opened *file, const char *key) {
    if (file->added || file->key == key) return true;
    return file->key && key && strcmp(file->key, key) == 0;
}

static struct opened *find_opened(const struct binder *binder,
                                  const struct config_weights *weights) {
    for (size_t i = 0; i < binder->file_count; i++)
        if (strcmp(binder->files[i]->checkpoint.path, weights->file) == 0 &&
            same_key(binder->files[i], weights->key))
            return binder->files[i];
    return NULL;
}

/* The file and the dict inside it as one word, for the list of failures. */
static const char *failure_of(struct arena *arena, const struct config_weights *weights) {
    return arena_printf(arena, "%s\n%s", weights->file, weights->key ? weights->key : "");
}

static bool failed_before(const struct binder *binder, const char *failure) {
    for (size_t i = 0; i < binder->failed_count; i++)
        if (strcmp(binder->failed[i], failure) == 0) return true;
    return false;
}

static void note_failure(struct binder *binder, const char *failure) {
    mem_grow(&binder->failed, &binder->failed_capacity, binder->failed_count + 1,
             sizeof *binder->failed);
    binder->failed[binder->failed_count++] = failure;
}

static struct opened *open_file(struct binder *binder, const struct config_variant *variant,
                                const struct config_weights *weights, struct err *err) {
    struct opened *file = find_opened(binder, weights);
    if (file) return file;
    const char *failure = failure_of(&binder->arena, weights);
    if (failed_before(binder, failure)) {
        err_add(err, STATUS_BAD_INPUT, "variant %s: no weights from %s, see above",
                SAFE(variant->name), SAFE(weights->file));
        return NULL;
    }
    /* One file at a time is open for its digest. */
    if (!binder_digest(binder, err)) return NULL;
    file = mem_alloc(sizeof *file);
    struct checkpoint_options options = {.key = weights->key, .pool = binder->pool};
    if (!checkpoint_open(weights->file, &options, &file->checkpoint, err)) {
        note_failure(binder, failure);
        free_opened(file);
        return NULL;
    }
    if (weights->key) file->key = arena_strdup(&binder->arena, weights->key);
    keep(binder, file);
    return file;
}

static bool check_digest(struct checkpoint *checkpoint, const struct config_weights *weights,
                         struct err *err) {
    if (!weights->sha256) return true;
    if (!checkpoint_digest(checkpoint, err)) return false;
    if (strcmp(weights->sha256, checkpoint->sha256) == 0) return true;
    return err_add(err, STATUS_BAD_INPUT, "%s: its sha256 is %s, the config states %s",
                   SAFE(checkpoint->path), checkpoint->sha256, SAFE(weights->sha256));
}

/* One call of binder_bind. */
struct job {
    struct binder *binder;
    const struct config *config;
    const struct config_variant *variant;
    const struct config_weights *weights;
    const struct graph *graph;
    const struct net *net;
    struct binding *out;
    struct opened *file; /* NULL for random weights */
    struct bind_map map;
    struct bind_problems problems;
};

static void make_one(struct job *job, struct bound *bound, enum init method, uint64_t seed) {
    made_bind(&job->binder->made, &bound->slot, method, seed, job->binder->pool);
    bound->init = method;
}

static void take_tensor(struct job *job, struct bound *bound, const struct tensor *tensor) {
    bound->slot.data = tensor->data;
    memcpy(bound->slot.content, job->file->contents[tensor - job->file->checkpoint.tensors],
           sizeof bound->slot.content);
    bound->file_name = arena_strdup(&job->out->arena, tensor->name);
    bound->file = arena_strdup(&job->out->arena, job->file->checkpoint.path);
}

static bool read_before(const struct bind_map *map, int index) {
    for (int i = 0; i < index; i++)
        if (map->tensors[i] == map->tensors[index]) return true;
    return false;
}

static enum bind_problem_kind kind_of(const struct job *job, int index, const struct slot *slot) {
    const struct tensor *tensor = job->map.tensors[index];
    if (!tensor) return PROBLEM_MISSING;
    if (!bind_map_fits(slot, tensor)) return PROBLEM_SHAPE;
    if (!tensor->data) return PROBLEM_DTYPE;
    return read_before(&job->map, index) ? PROBLEM_TWICE : PROBLEM_KINDS;
}

/* A tensor of another shape is not this weight: a config that says how to make the weights of, say,
 * another decoder means these. */
static void bind_one(struct job *job, int index) {
    struct bound *bound = &job->out->weights[index];
    const struct tensor *tensor = job->map.tensors[index];
    const struct config_init *init = initialise_find(job->variant, bound->slot.name);
    enum bind_problem_kind kind = kind_of(job, index, &bound->slot);
    if (kind == PROBLEM_KINDS) {
        take_tensor(job, bound, tensor);
    } else if (init && (kind == PROBLEM_MISSING || kind == PROBLEM_SHAPE)) {
        make_one(job, bound, init->method, init->seed);
        job->out->initialised++;
    } else {
        bind_problems_add(&job->problems,
                          (struct bind_problem){.kind = kind,
                                                .slot = &bound->slot,
                                                .tensor = tensor,
                                                .expected = job->map.expected[index]});
    }
}

/* Flags what another variant of the config reads of the file: a variant that leaves a layer out
 * of the design that the file was trained for may leave its tensors. */
static void use_for(const struct job *job, const struct config_variant *other, bool *used) {
    const struct checkpoint *checkpoint = &job->file->checkpoint;
    for (int i = 0; i < other->weights_count; i++) {
        const struct config_weights *weights = &other->weights[i];
        if (!weights->file || strcmp(weights->file, checkpoint->path) != 0) continue;
        struct graph graph = {0};
        struct net net = {0};
        struct arena arena = {0};
        struct err err = {0};
        struct bind_map map;
        struct extent size = {job->net->input.h, job->net->input.w};
        if (net_build(&graph, other, size, 0, NULL, NULL, &net, &err)) {
            bind_map_make(checkpoint, other, weights, &graph, &net, &arena, &map);
            bind_map_use(&map, checkpoint, other, &graph, &net, used);
        }
        err_free(&err);
        arena_free(&arena);
        net_free(&net);
        graph_free(&graph);
        return;
    }
}

static bool all_used(const bool *used, int count) {
    for (int i = 0; i < count; i++)
        if (!used[i]) return false;
    return true;
}

static void find_unexpected(struct job *job) {
    const struct checkpoint *checkpoint = &job->file->checkpoint;
    int count = checkpoint->tensor_count;
    bool *used = mem_array((size_t)count, sizeof *used);
    bind_map_use(&job->map, checkpoint, job->variant, job->graph, job->net, used);
    for (int i = 0; i < job->config->variant_count && !all_used(used, count); i++)
        if (strcmp(job->config->variants[i].name, job->variant->name) != 0)
            use_for(job, &job->config->variants[i], used);
    for (int i = 0; i < count; i++)
        if (!used[i] && checkpoint->tensors[i].count > 0)
            bind_problems_add(&job->problems,
                              (struct bind_problem){.kind = PROBLEM_UNEXPECTED,
                                                    .tensor = &checkpoint->tensors[i]});
    mem_free(used);
}

static bool bind_file(struct job *job, struct err *err) {
    job->file = open_file(job->binder, job->variant, job->weights, err);
    if (!job->file) return false;
    struct checkpoint *checkpoint = &job->file->checkpoint;
    if (!check_digest(checkpoint, job->weights, err)) return false;
    bind_map_make(checkpoint, job->variant, job->weights, job->graph, job->net, &job->out->arena,
                  &job->map);
    for (int i = 0; i < job->out->count; i++) bind_one(job, i);
    find_unexpected(job);
    if (job->problems.count == 0 && job->out->initialised == job->out->count)
        return err_add(err, STATUS_BAD_INPUT,
                       "%s has not one tensor of the names and shapes that variant %s reads: its "
                       "init would make them all",
                       SAFE(checkpoint->path), SAFE(job->variant->name));
    bool ok = job->problems.count == 0 ||
              bind_problems_report(&job->problems, checkpoint, job->variant, err);
    bind_problems_free(&job->problems);
    if (!ok) return false;
    struct extent size = {job->net->input.h, job->net->input.w};
    job->out->origin = job->out->initialised ? ORIGIN_INITIALISED
                       : bind_origin_trained(job->config, job->variant, checkpoint, size)
                           ? ORIGIN_TRAINED
                           : ORIGIN_TRANSPLANTED;
    return true;
}

/* Without any weights every tensor needs an "init". */
static bool bind_nothing(struct job *job, struct err *err) {
    for (int i = 0; i < job->out->count; i++) {
        struct bound *bound = &job->out->weights[i];
        const struct config_init *init = initialise_find(job->variant, bound->slot.name);
        if (!init)
            return err_add(err, STATUS_BAD_INPUT,
                           "variant %s names no weights (and no init makes %s): add \"weights\": a "
                           "file, or { \"random\": 1 }",
                           SAFE(job->variant->name), SAFE(bound->slot.name));
        make_one(job, bound, init->method, init->seed);
        job->out->initialised++;
    }
    job->out->origin = ORIGIN_INITIALISED;
    return true;
}

static bool bind_random_weights(struct job *job) {
    for (int i = 0; i < job->out->count; i++)
        make_one(job, &job->out->weights[i], INIT_NONE, job->weights->random_seed);
    job->out->origin = ORIGIN_RANDOM;
    return true;
}

static void copy_slots(struct job *job) {
    struct binding *out = job->out;
    out->count = job->net->slot_count;
    out->weights = mem_array((size_t)out->count, sizeof *out->weights);
    for (int i = 0; i < out->count; i++) {
        struct slot *slot = &out->weights[i].slot;
        *slot = job->graph->slots[job->net->slots[i]];
        slot->name = arena_strdup(&out->arena, slot->name);
    }
}

bool binder_bind(struct binder *binder, const struct config *config,
                 const struct config_variant *variant, int seed, const struct graph *graph,
                 const struct net *net, struct binding *out, struct err *err) {
    assert(seed >= 0 && (seed < variant->weights_count || seed == 0));
    *out = (struct binding){0};
    struct job job = {.binder = binder,
                      .config = config,
                      .variant = variant,
                      .weights = variant->weights_count ? &variant->weights[seed] : NULL,
                      .graph = graph,
                      .net = net,
                      .out = out};
    copy_slots(&job);
    bool ok = !job.weights        ? bind_nothing(&job, err)
              : job.weights->file ? bind_file(&job, err)
                                  : bind_random_weights(&job);
    if (!ok) binding_free(out);
    return ok;
}

void binding_free(struct binding *binding) {
    mem_free(binding->weights);
    arena_free(&binding->arena);
    *binding = (struct binding){0};
}

bool bind_slot(void *binding, struct slot *slot, struct err *err) {
    const struct binding *b = binding;
    for (int i = 0; i < b->count; i++) {
        const struct slot *bound = &b->weights[i].slot;
        if (strcmp(bound->name, slot->name) != 0) continue;
        slot->data = bound->data;
        memcpy(slot->content, bound->content, sizeof slot->content);
        return true;
    }
    return err_add(err, STATUS_BAD_INPUT, "no weight is bound for %s", SAFE(slot->name));
}
