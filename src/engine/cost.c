/* Which algorithm a convolution gets: a function of its geometry, the instruction set and the size
 * of the batch; never of threads, company or the images left. The model: the multiplies at the
 * kernels' speed, plus the weights at the speed of memory (once a batch, if it goes through
 * together), plus Winograd's transformed maps at the speed of the outer caches; if weights are
 * streamed, plus their transform, and the maps once more for every panel. The constants were fitted
 * by hand to the layers of the 256x256 generator on one machine (two AVX-512 units a core,
 * 30 GB/s of memory); how well they choose elsewhere is not known. */
#include <string.h>

#include "engine/algorithm.h"
#include "engine/winograd.h"

#define WEIGHT_SECONDS    (4 / 25e9) /* a float from memory */
#define MAP_SECONDS       0.15e-9    /* a float of a transformed map, written and read */
#define AGAIN_SECONDS     0.075e-9   /* read again, for every panel of streamed weights */
#define TRANSFORM_SECONDS 0.04e-9    /* a float of streamed weights, made and read */

static double mac_seconds(enum isa isa) {
    static const double rates[ISA_COUNT] = {
        [ISA_REF] = 1e9, [ISA_BASE] = 12e9, [ISA_AVX2] = 50e9, [ISA_AVX512] = 100e9};
    return 1 / rates[isa];
}

int algorithm_count(void) {
    return 3 + algorithm_winograd_count;
}

const struct algorithm *algorithm_at(int index) {
    static const struct algorithm *const others[] = {&algorithm_direct, &algorithm_gathered,
                                                     &algorithm_spread};
    return index < 3 ? others[index] : &algorithm_winograd[index - 3];
}

const struct algorithm *algorithm_find(const char *name) {
    for (int i = 0; i < algorithm_count(); i++)
        if (strcmp(algorithm_at(i)->name, name) == 0) return algorithm_at(i);
    return NULL;
}

static double padded(int channels, int width) {
    int panels = (channels + width - 1) / width;
    return (double)panels * width;
}

static double in_channels(const struct conv *conv) {
    double channels = 0;
    for (int i = 0; i < conv->part_count; i++) channels += conv->part_channels[i];
    return channels;
}

/* Floats of the maps that the convolution reads and writes for one image. */
static double map_floats(const struct conv *conv) {
    return (double)conv->y.in * conv->x.in * in_channels(conv) +
           (double)conv->y.out * conv->x.out * conv->channels;
}

/* Maps of the whole batch leave the caches, so weights have to be larger by some margin. */
static bool is_together(const struct conv *conv, double weights) {
    return weights > 2 * map_floats(conv);
}

bool algorithm_together(const struct engine *engine, const struct conv *conv) {
    (void)engine;
    return is_together(conv, (double)conv->packed->count);
}

int algorithm_siblings(const struct engine *engine, const struct conv *conv) {
    if (!conv->algorithm->siblings) return 1;
    double maps = 2 * map_floats(conv) * engine->options.batch;
    double most = (double)conv->packed->count / maps;
    return most < 1 ? 1 : most > SIBLINGS_MOST ? SIBLINGS_MOST : (int)most;
}

/* Multiplies at fewer rows than four wait for each other. */
static double row_factor(double rows) {
    return rows < 4 ? 4 / rows : 1;
}

static double weight_seconds(const struct engine *e, const struct conv *conv, double floats) {
    return floats * WEIGHT_SECONDS / (is_together(conv, floats) ? e->options.batch : 1);
}

static double winograd_seconds(const struct engine *e, const struct algorithm *a,
                               const struct conv *conv) {
    struct engine none = {.kernels = e->kernels};
    struct conv trial = *conv;
    trial.algorithm = a;
    winograd_map(&none, &trial);
    const struct tiling *t = trial.tiling;
    int width = e->kernels->gemm->width;
    double blocks = (double)winograd_blocks(&trial, conv->part_count) * BLOCK;
    double outs = padded(conv->channels, width);
    double seconds = 0, weights = 0, transforms = 0;
    for (int i = 0; i < t->group_count; i++) {
        const struct tile_group *g = &t->groups[i];
        double rows = (double)tile_group_tiles(g) * g->live_y * g->live_x;
        double columns = outs * g->phase_count;
        seconds += rows * blocks * columns * mac_seconds(e->kernels->isa) *
                   row_factor((double)tile_group_tiles(g) * e->options.batch);
        seconds += rows * (blocks + columns) * MAP_SECONDS;
        weights += (a->streamed ? t->kept : g->live_y * g->live_x) * blocks * columns;
        if (!a->streamed) continue;
        transforms += t->elements * blocks * columns;
        seconds += rows * blocks * columns / width * AGAIN_SECONDS;
    }
    arena_free(&none.memory);
    if (is_together(conv, weights)) transforms /= e->options.batch;
    seconds += transforms * TRANSFORM_SECONDS;
    return seconds + weight_seconds(e, conv, weights);
}

static double direct_seconds(const struct engine *e, const struct conv *conv) {
    struct engine none = {.kernels = e->kernels};
    struct conv trial = *conv;
    trial.algorithm = &algorithm_direct;
    algorithm_direct.map(&none, &trial);
    double macs = algorithm_direct.macs(&none, &trial) / conv->channels *
                  padded(conv->channels, e->kernels->gemm->width);
    double taps = 0;
    for (int y = 0; y < trial.rows.count; y++)
        for (int x = 0; x < trial.columns.count; x++)
            taps += (double)trial.rows.phases[y].taps * trial.columns.phases[x].taps;
    double rows = (double)trial.rows.phases[0].outs * trial.columns.phases[0].outs;
    arena_free(&none.memory);
    return macs * mac_seconds(e->kernels->isa) * row_factor(rows * e->options.batch) +
           weight_seconds(e, conv, taps * in_channels(conv) * conv->channels);
}

static double spread_seconds(const struct engine *e, const struct conv *conv) {
    int raw = conv->channels * conv->y.shuffle * conv->x.shuffle;
    double columns = padded(conv->y.kernel * conv->x.kernel * raw, e->kernels->gemm->width);
    double pixels = (double)conv->y.in * conv->x.in;
    return pixels * in_channels(conv) * columns * mac_seconds(e->kernels->isa) +
           pixels * columns * MAP_SECONDS + weight_seconds(e, conv, in_channels(conv) * columns);
}

static double seconds_of(const struct engine *e, const struct algorithm *a,
                         const struct conv *conv) {
    if (a == &algorithm_gathered) return direct_seconds(e, conv) / 2;
    if (a == &algorithm_spread) return spread_seconds(e, conv);
    if (a == &algorithm_direct) return direct_seconds(e, conv);
    return winograd_seconds(e, a, conv);
}

const struct algorithm *algorithm_choose(const struct engine *e, const struct conv *conv,
                                         bool planar) {
    const struct algorithm *forced =
        e->options.algorithm ? algorithm_find(e->options.algorithm) : NULL;
    if (forced) {
        bool fits = forced->fits(forced, conv) && (forced->planar_in || !planar);
        return fits ? forced : &algorithm_direct;
    }
    enum accuracy worst = e->options.exact ? ACCURACY_DIRECT : ACCURACY_USUAL;
    const struct algorithm *best = &algorithm_direct;
    double least = direct_seconds(e, conv);
    for (int i = 0; i < algorithm_count(); i++) {
        const struct algorithm *a = algorithm_at(i);
        if ((planar && !a->planar_in) || a->accuracy > worst) continue;
        if (!a->fits(a, conv)) continue;
        double seconds = seconds_of(e, a, conv);
        if (seconds < least) {
            least = seconds;
            best = a;
        }
    }
    return best;
}
