#include "image/image.h"

#include "base/check.h"
#include "image/golden_image.h"

int main(void) {
    struct image image = image_new(2, 1, 3, 0);
    memcpy(image.pixels, (uint8_t[]){255, 0, 0, 10, 200, 30}, 6);
    image_convert(&image, 3);
    CHECK_INT(image.pixels[4], 200);
    image_convert(&image, 1); /* PIL: Image.new('RGB', (1, 1), (255, 0, 0)).convert('L') is 76 */
    CHECK_INT(image.channels, 1);
    CHECK_INT(image.pixels[0], 76);
    CHECK_INT(image.pixels[1], (19595 * 10 + 38470 * 200 + 7471 * 30 + 32768) >> 16);
    image_convert(&image, 3);
    CHECK_INT(image.channels, 3);
    CHECK(image.pixels[0] == 76 && image.pixels[1] == 76 && image.pixels[2] == 76);
    image_free(&image);
    image_free(&image);
    CHECK(image.pixels == NULL && image.width == 0);

    struct image white = image_new(3, 2, 1, 255);
    CHECK_INT(white.pixels[5], 255);
    image_convert(&white, 3);
    image_convert(&white, 1);
    CHECK_INT(white.pixels[0], 255); /* the weights sum to 1 */
    image_free(&white);
    return check_end();
}
