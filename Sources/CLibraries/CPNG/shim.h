// libpng's simplified reader and writer, whose formats and versions are macros that cast.
#ifndef CPNG_SHIM_H
#define CPNG_SHIM_H

#include <png.h>
#include <string.h>

// An image that `png_image_begin_read_from_stdio` accepts.
static inline void cpng_prepare(png_imagep image) {
  memset(image, 0, sizeof *image);
  image->version = PNG_IMAGE_VERSION;
}

// Takes samples of 16 bits for sRGB, as every other program does, where libpng would take them for linear light;
// the pixels come as red, green, blue and alpha, 8 bits each.
static inline void cpng_choose_rgba(png_imagep image) {
  image->flags |= PNG_IMAGE_FLAG_16BIT_sRGB;
  image->format = PNG_FORMAT_RGBA;
}

// The pixels to be written are red, green and blue, 8 bits each.
static inline void cpng_choose_rgb(png_imagep image) { image->format = PNG_FORMAT_RGB; }

static inline int cpng_failed(const png_image *image) { return PNG_IMAGE_FAILED(*image); }

static inline const char *cpng_message(const png_image *image) { return image->message; }

#endif
