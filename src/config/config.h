/* The config: one JSON file that describes a U-Net and the variants to compare (interface.md,
 * section 2). Here every variant is resolved: the base merged with the variant's document, the
 * `defaults` filled in, selectors applied. Later stages never look at JSON again. */
#ifndef CONFIG_CONFIG_H
#define CONFIG_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/mem.h"

struct extent { /* "a number or [height, width]" */
    int h, w;
};

/* `act_none` is 0 in each of these, so that a zeroed struct means "nothing". */
enum act { ACT_NONE, ACT_RELU, ACT_LEAKY_RELU, ACT_SILU, ACT_ELU, ACT_GELU, ACT_TANH, ACT_SIGMOID };
enum norm_type { NORM_NONE, NORM_BATCH, NORM_BATCH_STATS, NORM_INSTANCE, NORM_GROUP, NORM_LAYER };
enum decoder { DECODER_CONV_TRANSPOSE, DECODER_UPSAMPLE_CONV, DECODER_PIXEL_SHUFFLE, DECODER_CONV };
enum mode { MODE_NEAREST, MODE_BILINEAR, MODE_BICUBIC };
enum skip { SKIP_CONCAT, SKIP_ADD, SKIP_ATTENTION, SKIP_NONE };
enum skip_source { SKIP_SOURCE_ACTIVATED, SKIP_SOURCE_INPUT };
enum fit { FIT_ERROR, FIT_NEAREST, FIT_BILINEAR, FIT_BICUBIC, FIT_CROP, FIT_PAD };
enum style_mode { STYLE_NONE, STYLE_CONCAT, STYLE_EXPAND, STYLE_FILM };
enum input_resize { RESIZE_ERROR, RESIZE_BILINEAR, RESIZE_PAD, RESIZE_NATIVE };
enum naming { NAMING_AUTO, NAMING_ZI2ZI, NAMING_PIX2PIX, NAMING_PLAIN };
enum init { INIT_NONE, INIT_ZERO, INIT_IDENTITY, INIT_KAIMING, INIT_ICNR, INIT_BILINEAR };

struct norm {
    enum norm_type type;
    bool affine; /* defaults: batch, batch_stats, group, layer true; instance false */
    int groups;  /* NORM_GROUP only, default 8; lowered at use to the largest that divides c */
    double eps;  /* default 1e-5 */
};

struct config_down {
    enum act activation;
    double slope; /* of ACT_LEAKY_RELU */
    struct extent kernel, stride, padding;
    bool bias;
    struct norm norm;
};

struct config_up {
    enum act activation;
    double slope;
    enum decoder decoder;
    struct extent kernel, stride, padding; /* stride is 1 but for conv_transpose */
    struct extent output_padding;          /* conv_transpose */
    struct extent scale;                   /* upsample_conv and pixel_shuffle */
    enum mode mode;                        /* upsample_conv */
    bool bias;
    struct norm norm;
};

enum extra_op {
    EXTRA_CONV,
    EXTRA_CONV_TRANSPOSE,
    EXTRA_UPSAMPLE,
    EXTRA_NORM,
    EXTRA_ACTIVATION,
    EXTRA_RES_BLOCK,
    EXTRA_SELF_ATTENTION,
    EXTRA_LINEAR_ATTENTION,
    EXTRA_TRANSFORMER
};

struct extra {
    enum extra_op op;
    const char *as; /* prefix of its weights after "<block>."; NULL for ops without weights */
    int channels;   /* conv, conv_transpose: outputs; 0 means as many as it reads */
    struct extent kernel, stride, padding, output_padding; /* conv, conv_transpose */
    bool bias;                                             /* conv, conv_transpose, res_block */
    struct extent scale;                                   /* upsample */
    enum mode mode;                                        /* upsample */
    struct norm norm;                                      /* norm, res_block */
    enum act activation;                                   /* activation, res_block */
    double slope;
    int layers;    /* res_block: 1 or 2 */
    int reduction; /* self_attention, linear_attention: default 8 */
    int heads;     /* transformer: default 4 */
    int ffn;       /* transformer: width factor of the feed-forward part, default 4 */
};

struct extra_list {
    const struct extra *ops;
    int count;
};

struct config_block {
    const char *name;
    int channels;
    struct config_down down;
    struct config_up up;
    enum skip skip;
    enum skip_source skip_source;
    enum fit fit;
    struct extra_list input, encoded, upsampled, decoded; /* "extra" */
};

struct config_rename { /* weights.names: our tensor -> the file's */
    const char *tensor, *name;
};

struct config_weights {
    const char *file; /* resolved against the config's folder; NULL for random weights */
    uint64_t random_seed;
    enum naming naming;
    const char *key;    /* the dict inside the checkpoint, or NULL */
    const char *sha256; /* 64 lower-case hex digits, or NULL */
    const struct config_rename *names;
    int name_count;
};

struct config_init { /* how tensors that no file has are made */
    enum init method;
    uint64_t seed;
    const char *prefix; /* tensors whose plain name starts so; "" for all */
};

struct config_variant {
    const char *name;
    int channels_in;
    struct extent size; /* of the input; {0, 0} when resize is native and none is given */
    double mean, std;   /* the network reads (pixel / 255 - mean) / std */
    enum input_resize resize;
    int channels_out;
    enum act output_activation;
    double output_slope;
    enum style_mode style;
    int style_count, style_dim, style_label;
    const struct config_block *blocks; /* outermost first */
    int block_count;
    const struct config_weights *weights; /* several are training seeds of one design */
    int weights_count;                    /* 0: none named */
    bool weights_own; /* the variant's own document names them, they are not inherited */
    const struct config_init *inits; /* most specific prefix first */
    int init_count;
    struct extent trained_size; /* {0, 0}: not given */
};

struct config_margin {
    const char *metric;
    double margin;
};

struct config {
    const char *path; /* as given */
    const char *name;
    struct config_variant *variants; /* at least one: without "variants", the base, named "base" */
    int variant_count;
    const char *primary;   /* compare.primary, or NULL */
    const char *reference; /* compare.reference, or NULL: the first variant */
    const struct config_margin *margins;
    int margin_count;
    char sha256[65]; /* of the text */
    struct arena arena;
};

/* A `--set PATH=VALUE` of the command line, applied to the base before variants are merged. */
struct config_override {
    const char *path, *value;
};

/* Reads, checks and resolves `path` ("-": standard input). All problems are reported at once, each
 * with line, column and path in the file; STATUS_BAD_INPUT (STATUS_IO when it cannot be read).
 * The caller frees `out` with config_free, also after a failure. */
bool config_load(const char *path, const struct config_override *sets, int set_count,
                 struct config *out, struct err *err);
/* The same from text in memory; relative paths resolve from `dir`. */
bool config_parse(const char *text, size_t length, const char *path, const char *dir,
                  const struct config_override *sets, int set_count, struct config *out,
                  struct err *err);
void config_free(struct config *config); /* idempotent */

/* The variant of that name, or NULL. */
const struct config_variant *config_find(const struct config *config, const char *name);
/* The same for a name that must be one: NULL with STATUS_BAD_INPUT, which says what names there
 * are. */
const struct config_variant *config_want(const struct config *config, const char *name,
                                         struct err *err);

/* The words of the config for an enum's value. */
const char *config_act_name(enum act act);
const char *config_norm_name(enum norm_type type);
const char *config_decoder_name(enum decoder decoder);
const char *config_mode_name(enum mode mode);
const char *config_skip_name(enum skip skip);
const char *config_fit_name(enum fit fit);
const char *config_style_name(enum style_mode mode);
const char *config_init_name(enum init init);

/* How the keys of two resolved variants differ, as "path: a -> b" lines in config order (paths as
 * in "blocks.innermost.up.stride"); for column headings and `explain`. Allocated in `arena`;
 * returns the number of lines. */
struct config_difference {
    const char *path, *a, *b;
};
int config_differences(const struct config_variant *a, const struct config_variant *b,
                       struct arena *arena, struct config_difference **out);

/* Writes the variant, all values resolved, as one JSON object (for run.json). */
struct json_out;
void config_print(const struct config_variant *variant, struct json_out *out);

#endif
