/* Which algorithm a convolution gets: a function of its geometry, the instruction set and the size
 * of the batch; never of threads, company or the images left. */
#include <string.h>

#include "engine/algorithm.h"

int algorithm_count(void) {
    return 1 + algorithm_winograd_count;
}

const struct algorithm *algorithm_at(int index) {
    return index ? &algorithm_winograd[index - 1] : &algorithm_direct;
}

const struct algorithm *algorithm_find(const char *name) {
    for (int i = 0; i < algorithm_count(); i++)
        if (strcmp(algorithm_at(i)->name, name) == 0) return algorithm_at(i);
    return NULL;
}

const struct algorithm *algorithm_choose(const struct engine *engine, const struct conv *conv,
                                         bool planar) {
    const char *forced = engine->options.algorithm;
    const struct algorithm *algorithm = forced ? algorithm_find(forced) : NULL;
    if (algorithm && !planar && algorithm->fits(algorithm, conv)) return algorithm;
    return &algorithm_direct;
}

bool algorithm_together(const struct engine *engine, const struct conv *conv) {
    double channels = 0, pixels = (double)conv->y.in * conv->x.in;
    for (int i = 0; i < conv->part_count; i++) channels += conv->part_channels[i];
    double maps = pixels * channels + (double)conv->y.out * conv->x.out * conv->channels;
    (void)engine;
    return (double)conv->packed->count > maps;
}
