/* What a variant computes apart from its weights, as one hash. */
#ifndef CONFIG_ARCHITECTURE_H
#define CONFIG_ARCHITECTURE_H

#include "config/config.h"

/* SHA-256, as hex, of what a variant computes apart from its weights: operations and their
 * attributes as the config says them, channels, style. Names, labels, mean and std and the input's
 * size are not in it, and other variants do not move it. A training script that writes it as
 * "stridelab.architecture" into a safetensors file's metadata tells for what its weights were
 * trained. */
void architecture_hash(const struct config_variant *variant, char hex[65]);

#endif
