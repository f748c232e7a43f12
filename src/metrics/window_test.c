#include "metrics/window.h"

#include "base/check.h"

int main(void) {
    enum { W = 40, H = 24 };
    static uint8_t a[W * H * 3], b[W * H * 3];
    struct window none = window_worst(a, b, W, H, 3);
    CHECK(none.error == 0 && none.side == 8);
    for (int y = 10; y < 18; y++)
        for (int x = 21; x < 29; x++) b[(y * W + x) * 3 + 1] = 90;
    struct window worst = window_worst(a, b, W, H, 3);
    CHECK_INT(worst.x, 21);
    CHECK_INT(worst.y, 10);
    CHECK_NEAR(worst.error, 30, 1e-12);
    struct window grey = window_worst(a, b, 5, 3, 1); /* smaller than a window */
    CHECK_INT(grey.side, 3);
    return check_end();
}
