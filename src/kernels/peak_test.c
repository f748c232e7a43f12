/* The loop that the peak is measured with does what it says; how fast is for nobody to test. */
#include "kernels/peak.h"

#include "base/check.h"
#include "kernels/kernels.h"

int main(void) {
    struct pool *pool = pool_create(2);
    for (int isa = ISA_REF; isa <= (int)isa_detect(); isa++) {
        const struct kernels *kernels = kernels_for((enum isa)isa);
        double one = kernels->peak(1);
        CHECK(kernels->peak(0) == 0);
        CHECK(one > 0 && one == floor(one));
        CHECK(kernels->peak(1000) == 1000 * one);
        CHECK(peak_measure((enum isa)isa, pool) > 0);
        CHECK(peak_measure((enum isa)isa, NULL) > 0);
    }
    pool_free(pool);
    return check_end();
}
