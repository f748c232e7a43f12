#include "cli/options_table.h"

#include <limits.h>
#include <string.h>

#define BIT       OPTIONS_BIT
#define AT(field) offsetof(struct options, field)

enum {
    ALL = BIT(VERB_COUNT) - 1,
    CONFIGS = BIT(VERB_TRACE) | BIT(VERB_EXPLAIN) | BIT(VERB_CHECK) | BIT(VERB_RUN) |
              BIT(VERB_PROBE) | BIT(VERB_BENCH) | BIT(VERB_WEIGHTS) | BIT(VERB_EXPORT) |
              BIT(VERB_SELFCHECK) | BIT(VERB_INIT),
    RUNNING = BIT(VERB_RUN) | BIT(VERB_PROBE) | BIT(VERB_BENCH),
    GATES = BIT(VERB_CHECK) | BIT(VERB_COMPARE) | BIT(VERB_BENCH),
    WORKING =
        RUNNING | BIT(VERB_EXPORT) | BIT(VERB_COMPARE) | BIT(VERB_SELFCHECK) | BIT(VERB_WEIGHTS)
};

#define FORMATS "table json csv md svg"
#define ISAS    "ref base avx2 avx512"

const struct option options_table[] = {
    {"--variant", "NAME", KIND_WORDS, AT(variants),
     BIT(VERB_TRACE) | RUNNING | BIT(VERB_EXPORT) | BIT(VERB_WEIGHTS), NULL, 0,
     "only this variant; may be given again"},
    {"--size", "H[xW]", KIND_SIZE, AT(size),
     BIT(VERB_TRACE) | BIT(VERB_EXPLAIN) | BIT(VERB_BENCH) | BIT(VERB_INIT) | BIT(VERB_EXPORT),
     NULL, 0, "the input size, instead of the config's"},
    {"--sizes", "A..B/STEP", KIND_SWEEP, AT(sizes), BIT(VERB_TRACE), NULL, 0,
     "a line for every size from A to B"},
    {"--format", "WORD", KIND_WORD, AT(format),
     BIT(VERB_TRACE) | BIT(VERB_BENCH) | BIT(VERB_WEIGHTS) | BIT(VERB_COMPARE) | BIT(VERB_PROBE) |
         BIT(VERB_SELFCHECK),
     FORMATS, 0, "table, json, csv, md or svg, where the verb has it"},
    {"--golden", "DIR", KIND_STRING, AT(golden), BIT(VERB_CHECK), NULL, 0,
     "compare with the golden traces in DIR"},
    {"--update", NULL, KIND_FLAG, AT(update), BIT(VERB_CHECK), NULL, 0,
     "accept the traces as golden (never under CI=true)"},
    {"--max-resamples", "N", KIND_INT, AT(max_resamples), BIT(VERB_CHECK), NULL, 0,
     "fail when a variant is resampled more than N times"},
    {"--junit", "FILE", KIND_STRING, AT(junit), GATES, NULL, 0,
     "also write the result as JUnit XML"},
    {"--github", NULL, KIND_FLAG, AT(github), GATES, NULL, 0,
     "also print what failed as GitHub annotations"},
    {"--images", "DIR", KIND_STRING, AT(images), BIT(VERB_RUN) | BIT(VERB_PROBE), NULL, 0,
     "the folder of input images, or one image"},
    {"--targets", "DIR", KIND_STRING, AT(targets),
     BIT(VERB_RUN) | BIT(VERB_COMPARE) | BIT(VERB_PROBE) | BIT(VERB_SELFCHECK), NULL, 0,
     "target images, matched by file name without its ending"},
    {"--out", "DIR", KIND_STRING, AT(out), BIT(VERB_RUN), NULL, 0, "where the results go"},
    {"--out", "DIR", KIND_STRING, AT(out), BIT(VERB_COMPARE), NULL, 0,
     "also write report.html and the tables here, as run does"},
    {"--out", "FILE", KIND_STRING, AT(out), BIT(VERB_INIT), NULL, 0,
     "write the config here instead of printing it"},
    {"--weights", "FILE", KIND_STRING, AT(weights),
     BIT(VERB_RUN) | BIT(VERB_PROBE) | BIT(VERB_BENCH) | BIT(VERB_INIT) | BIT(VERB_EXPORT), NULL, 0,
     "the checkpoint, instead of the config's"},
    {"--label", "N", KIND_INT, AT(label), BIT(VERB_RUN) | BIT(VERB_PROBE) | BIT(VERB_EXPORT), NULL,
     0, "the style label, instead of the config's"},
    {"--label-from-name", NULL, KIND_FLAG, AT(label_from_name), BIT(VERB_RUN) | BIT(VERB_PROBE),
     NULL, 0, "the label is the number before _ in each file name"},
    {"--label-input", NULL, KIND_FLAG, AT(label_from_name), BIT(VERB_EXPORT), NULL, 0,
     "the label is an input of the model, one for each image"},
    {"--pairs", "left|right", KIND_WORD, AT(pairs), BIT(VERB_RUN) | BIT(VERB_PROBE),
     "none left right", 0, "files hold pairs: this half is the input, the other the target"},
    {"--batch", "N", KIND_INT, AT(batch), RUNNING, NULL, 1, "images that go through together"},
    {"--save-raw", NULL, KIND_FLAG, AT(save_raw), BIT(VERB_RUN), NULL, 0,
     "also write outputs as float32 .npy"},
    {"--resume", NULL, KIND_FLAG, AT(resume), BIT(VERB_RUN), NULL, 0,
     "go on with what an interrupted run left"},
    {"--force", NULL, KIND_FLAG, AT(force), BIT(VERB_RUN), NULL, 0,
     "write into a folder that is not empty"},
    {"--force", NULL, KIND_FLAG, AT(force), BIT(VERB_COMPARE), NULL, 0,
     "overwrite what --out holds already"},
    {"--shard", "K/N", KIND_SHARD, AT(shard), BIT(VERB_RUN), NULL, 0,
     "only the K-th of N parts of the images (K from 1)"},
    {"--reference", "NAME", KIND_STRING, AT(reference), BIT(VERB_COMPARE) | BIT(VERB_BENCH), NULL,
     0, "the variant that the others are compared with"},
    {"--fail-if", "EXPR", KIND_WORDS, AT(fail_if), BIT(VERB_COMPARE), NULL, 0,
     "exit 1 when this holds: 'ssim(b) < ssim(a) - 0.01'"},
    {"--block", "NAME", KIND_WORDS, AT(blocks), BIT(VERB_PROBE), NULL, 0,
     "the block to probe (innermost); may be given again"},
    {"--runs", "N", KIND_INT, AT(runs), BIT(VERB_BENCH), NULL, 1, "timed rounds"},
    {"--warmup", "N", KIND_INT, AT(warmup), BIT(VERB_BENCH), NULL, 0, "rounds before them"},
    {"--exact", NULL, KIND_FLAG, AT(exact), RUNNING, NULL, 0,
     "only algorithms about as accurate as direct convolution"},
    {"--baseline", "FILE", KIND_STRING, AT(baseline), BIT(VERB_BENCH), NULL, 0,
     "compare with what an earlier bench --format json wrote"},
    {"--fail-if-slower", "PERCENT", KIND_PERCENT, AT(fail_if_slower), BIT(VERB_BENCH), NULL, 0,
     "with --baseline: exit 1 when surely slower by more"},
    {"--config", "CONFIG", KIND_STRING, AT(config), BIT(VERB_WEIGHTS), NULL, 0,
     "show how each tensor binds to this config"},
    {"--from", "CHECKPOINT", KIND_STRING, AT(from), BIT(VERB_INIT), NULL, 0,
     "read the design off a checkpoint's tensors"},
    {"--ngf", "N", KIND_INT, AT(ngf), BIT(VERB_INIT), NULL, 1, "channels of the outermost block"},
    {"--vary", "PATH=V1,V2,...", KIND_WORDS, AT(vary), BIT(VERB_INIT), NULL, 0,
     "a variant for each value; again: their product"},
    {"--list", NULL, KIND_FLAG, AT(list), BIT(VERB_INIT), NULL, 0, "name the presets"},
    {"--onnx", "FILE", KIND_STRING, AT(onnx), BIT(VERB_EXPORT), NULL, 0, "write an ONNX model"},
    {"--torch", NULL, KIND_FLAG, AT(torch), BIT(VERB_EXPORT), NULL, 0,
     "print the equivalent PyTorch module"},
    {"--man", NULL, KIND_FLAG, AT(man), BIT(VERB_HELP), NULL, 0, "print the manual page (troff)"},
    {"--completion", "bash|zsh|fish", KIND_WORD, AT(completion), BIT(VERB_HELP),
     "none bash zsh fish", 0, "print the completions for a shell"},
    {"--names", "variants|blocks", KIND_WORD, AT(names), BIT(VERB_HELP), "none variants blocks", 0,
     "list the names in a config, or the variants of a run"},
    {"--set", "PATH=VALUE", KIND_SET, AT(sets), CONFIGS, NULL, 0,
     "override a config value: blocks.innermost.up.stride=1"},
    {"--threads", "N", KIND_INT, AT(threads), WORKING, NULL, 1, "threads (default: all cores)"},
    {"--isa", "WORD", KIND_WORD, AT(isa), WORKING, ISAS, 0,
     "highest instruction set to use: ref, base, avx2 or avx512"},
    {"--quiet", NULL, KIND_FLAG, AT(quiet), ALL, NULL, 0,
     "no progress bar, no remarks; of run and check only what went wrong"},
    {"-q", NULL, KIND_FLAG, AT(quiet), ALL, NULL, 0, NULL},
    {"--verbose", NULL, KIND_FLAG, AT(verbose), ALL, NULL, 0,
     "more detail: in bench every operation, in weights digests"},
    {"-v", NULL, KIND_FLAG, AT(verbose), ALL, NULL, 0, NULL},
    {"--color", "WHEN", KIND_WORD, AT(color), ALL, "auto always never", 0,
     "paint statuses: auto, always or never"},
    {"--no-progress", NULL, KIND_FLAG, AT(no_progress), WORKING, NULL, 0, "no progress bar"},
};
const int options_count = sizeof options_table / sizeof *options_table;

const struct option_verb options_verbs[VERB_COUNT] = {
    [VERB_TRACE] = {"trace", "CONFIG", "trace every shape, and which variants cannot differ",
                    "  stridelab trace configs/zi2zi-2020.json --size 384\n"
                    "  stridelab trace configs/zi2zi-2020.json --sizes 256..512/64\n",
                    1, 1},
    [VERB_EXPLAIN] = {"explain", "CONFIG VARIANT VARIANT",
                      "the difference of two variants in words",
                      "  stridelab explain configs/zi2zi-2020.json stride2 stride1-up\n", 3, 3},
    [VERB_CHECK] = {"check", "CONFIG...", "check configs against golden traces",
                    "  stridelab check configs/*.json --golden data/golden/traces\n", 1, INT_MAX},
    [VERB_RUN] = {"run", "CONFIG", "run all variants over a folder of images",
                  "  stridelab run configs/demo.json --images data/glyphs/source \\\n"
                  "      --targets data/glyphs/target --out out\n",
                  1, 1},
    [VERB_COMPARE] =
        {"compare", "OUT_DIR...", "compare the outputs of runs, with statistics",
         "  stridelab compare out --fail-if 'ssim(stride1-up) < ssim(stride2) - 0.01'\n"
         "  stridelab compare shards/* --out whole\n",
         1, INT_MAX},
    [VERB_PROBE] = {"probe", "CONFIG", "how much a block matters; where two variants part ways",
                    "  stridelab probe configs/demo.json --images data/glyphs/source\n", 1, 1},
    [VERB_BENCH] = {"bench", "CONFIG", "time every variant alone and all together",
                    "  stridelab bench configs/zi2zi-2020.json --runs 11\n"
                    "  stridelab bench configs/demo.json --format json > before.json\n"
                    "  stridelab bench configs/demo.json --baseline before.json \\\n"
                    "      --fail-if-slower 5%\n",
                    1, 1},
    [VERB_WEIGHTS] = {"weights", "FILE", "list a checkpoint; show how each tensor binds",
                      "  stridelab weights data/demo.pth --config configs/demo.json\n", 1, 1},
    [VERB_INIT] = {"init", "PRESET | --from CHECKPOINT", "print a ready config",
                   "  stridelab init pix2pix-256 --ngf 64 --out pix2pix.json\n"
                   "  stridelab init --from latest_net_G.pth --out mine.json\n"
                   "  stridelab run mine.json --images photos --out out\n",
                   0, 1},
    [VERB_EXPORT] = {"export", "CONFIG", "write a variant as ONNX or PyTorch",
                     "  stridelab export configs/demo.json --variant stride2 --onnx demo.onnx\n"
                     "  stridelab export configs/demo.json --variant stride2 --torch > demo.py\n",
                     1, 1},
    [VERB_SELFCHECK] = {"selfcheck", "CONFIG", "do the metrics behave on this data?",
                        "  stridelab selfcheck configs/demo.json --targets data/glyphs/target\n", 1,
                        1},
    [VERB_SCHEMA] = {"schema", "", "print the JSON Schema of the config",
                     "  stridelab schema > stridelab.schema.json\n", 0, 0},
    [VERB_HELP] = {"help", "[VERB]", "this list, or the help of a verb",
                   "  stridelab help run\n"
                   "  stridelab help --man | man -l -\n"
                   "  stridelab help --names variants configs/demo.json\n",
                   0, 1},
};

enum verb options_verb(const char *name) {
    int verb = 0;
    while (verb < VERB_COUNT && strcmp(options_verbs[verb].name, name) != 0) verb++;
    return (enum verb)verb;
}

const char *options_verb_name(enum verb verb) {
    return options_verbs[verb].name;
}

/* The short form of `option`, a row with the same field and without help; or NULL. */
static const char *short_name(const struct option *option) {
    for (int i = 0; i < options_count; i++)
        if (!options_table[i].help && options_table[i].offset == option->offset)
            return options_table[i].name;
    return NULL;
}

bool options_row(int index, struct option_row *out) {
    for (int i = 0; i < options_count; i++) {
        const struct option *option = &options_table[i];
        if (!option->help || index-- > 0) continue;
        const char *words = option->words;
        if (words && strncmp(words, "none ", 5) == 0) words += 5; /* "not given" is no choice */
        *out = (struct option_row){.name = option->name,
                                   .short_name = short_name(option),
                                   .value = option->value,
                                   .words = words,
                                   .help = option->help,
                                   .verbs = option->verbs,
                                   .again = option->kind == KIND_WORDS || option->kind == KIND_SET};
        return true;
    }
    return false;
}

struct verb_row options_verb_row(enum verb verb) {
    const struct option_verb *row = &options_verbs[verb];
    return (struct verb_row){row->name, row->arguments, row->summary, row->examples};
}
