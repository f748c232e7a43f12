/* M of one element and panel, with packed weights. */
#ifndef ENGINE_WINOGRAD_MULTIPLY_H
#define ENGINE_WINOGRAD_MULTIPLY_H

#include "engine/winograd_tiles.h"

/* Of the weights of an element and panel, while another is multiplied. */
struct fetch multiply_fetch_weights(const struct work *w, const struct blocking *b, int element,
                                    int panel);
/* Of the `slice`th of `slices` pieces of an element of V. */
struct fetch multiply_fetch_map(const struct work *w, const struct blocking *b, const float *v,
                                int element, int slice, int slices);

/* For the tiles first .. (those of `b`). Meanwhile it fetches what is `ahead`: weights and V come
 * from memory or the outermost cache, and would be waited for. */
void multiply_packed(const struct work *w, const struct blocking *b, int first, int panel,
                     int element, struct fetch ahead[FETCHES], const float *v, float *m);

#endif
