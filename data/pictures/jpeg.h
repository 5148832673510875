// JPEG pictures by libjpeg-turbo: at full size, or at 1/2, 1/4 or 1/8 of it, straight from the frequencies in the file.
#pragma once
#include <string_view>

#include "data/pictures/picture.h"

namespace lineament {

/// Whether these are the first bytes of a JPEG file.
bool is_jpeg(std::string_view bytes);

/// What the header says. InputError as decode_jpeg().
PictureSize jpeg_size(std::string_view bytes, std::string_view name);

/// Grey or RGB; CMYK becomes RGB. InputError, by `name`, for a picture that is cut short or damaged in any way that the decoder
/// sees, or has more than kMaxPixels. Bytes after the end of the picture do no harm, nor do stray ones between its parts.
DecodedPicture decode_jpeg(std::string_view bytes, std::string_view name, const Decoding& how = {});

}  // namespace lineament
