// libjpeg reports failures by a long jump: between setjmp and the jump stands nothing that has a destructor.
#include "data/pictures/jpeg.h"

#include <algorithm>
#include <csetjmp>
#include <cstdio>
#include <string>

// after <cstdio>, which they need
#include <jpeglib.h>

#include <jerror.h>

#include "base/check.h"

namespace lineament {
namespace {

constexpr int kMostScans = 500;  // a progressive picture has about 10; each one costs a pass over all of it

struct Failure {
  jpeg_error_mgr manager;  // first: libjpeg knows no more of it
  std::jmp_buf back;
  int code;
  char text[JMSG_LENGTH_MAX];
};

[[noreturn]] void jump_back(j_common_ptr info) {
  auto* failure = reinterpret_cast<Failure*>(info->err);
  failure->code = info->err->msg_code;
  info->err->format_message(info, failure->text);
  std::longjmp(failure->back, 1);
}

/// Warnings (level -1) are of lost data, but for these.
void hear(j_common_ptr info, int level) {
  const int code = info->err->msg_code;
  if (level < 0 && code != JWRN_EXTRANEOUS_DATA && code != JWRN_ADOBE_XFORM && code != JWRN_JFIF_MAJOR) jump_back(info);
}

void say_nothing(j_common_ptr) {}

void count_scans(j_common_ptr info) {
  if (reinterpret_cast<j_decompress_ptr>(info)->input_scan_number <= kMostScans) return;
  info->err->msg_code = JERR_BAD_PROGRESSION;
  jump_back(info);
}

/// What is decoded, from its header on.
class Decoder {
 public:
  Decoder(std::string_view bytes, std::string_view name) : name_(name) {
    info_.err = jpeg_std_error(&failure_.manager);
    failure_.manager.error_exit = jump_back;
    failure_.manager.emit_message = hear;
    failure_.manager.output_message = say_nothing;
    progress_.progress_monitor = count_scans;
    attempt([&] {
      jpeg_create_decompress(&info_);
      info_.progress = &progress_;
      jpeg_mem_src(&info_, reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<unsigned long>(bytes.size()));
      jpeg_read_header(&info_, TRUE);
    });
    if (size_t{info_.image_width} * info_.image_height > kMaxPixels)
      refuse(fmt::format("{}x{} pixels, at most 100 million can be read", info_.image_width, info_.image_height));
  }
  ~Decoder() { jpeg_destroy_decompress(&info_); }
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;

  PictureSize size() const { return {static_cast<int>(info_.image_width), static_cast<int>(info_.image_height)}; }
  /// Rows of grey, RGB or CMYK.
  Picture decode(int reduction, bool grey);
  bool is_inverted() const { return info_.saw_Adobe_marker; }  // Adobe's CMYK says how much light is left

 private:
  template <class Step>
  void attempt(Step step) {
    if (setjmp(failure_.back) == 0)
      step();
    else
      refuse(failure_.code == JWRN_JPEG_EOF ? "the picture is cut short"
                                            : fmt::format("the picture is damaged ({})", failure_.text));
  }
  [[noreturn]] void refuse(const std::string& why) {
    jpeg_destroy_decompress(&info_);  // a constructor that throws has no destructor; twice does no harm
    fail_input("{}: {}", name_, why);
  }

  std::string_view name_;
  jpeg_decompress_struct info_ = {};
  Failure failure_ = {};
  jpeg_progress_mgr progress_ = {};
};

Picture Decoder::decode(int reduction, bool grey) {
  const bool has_grey = info_.jpeg_color_space == JCS_GRAYSCALE || (grey && info_.jpeg_color_space == JCS_YCbCr);
  const bool four = info_.jpeg_color_space == JCS_CMYK || info_.jpeg_color_space == JCS_YCCK;
  attempt([&] {
    info_.out_color_space = has_grey ? JCS_GRAYSCALE : four ? JCS_CMYK : JCS_RGB;
    info_.scale_num = 1;
    info_.scale_denom = static_cast<unsigned>(reduction);
    jpeg_calc_output_dimensions(&info_);
  });
  Picture picture = plain_picture(static_cast<int>(info_.output_width), static_cast<int>(info_.output_height),
                                  info_.out_color_components);
  const size_t stride = size_t{info_.output_width} * static_cast<size_t>(info_.out_color_components);
  attempt([&] {
    jpeg_start_decompress(&info_);
    while (info_.output_scanline < info_.output_height) {
      JSAMPROW row = picture.pixels.data() + info_.output_scanline * stride;
      jpeg_read_scanlines(&info_, &row, 1);
    }
    jpeg_finish_decompress(&info_);  // reads up to the marker of the end
  });
  return picture;
}

Picture rgb_of_cmyk(const Picture& cmyk, bool inverted) {
  Picture rgb = plain_picture(cmyk.width, cmyk.height, 3);
  for (size_t i = 0; i < rgb.pixels.size() / 3; ++i) {
    const auto light = [&](size_t c) { return inverted ? cmyk.pixels[4 * i + c] : 255 - cmyk.pixels[4 * i + c]; };
    for (size_t c = 0; c < 3; ++c) rgb.pixels[3 * i + c] = static_cast<uint8_t>((light(c) * light(3) + 127) / 255);
  }
  return rgb;
}

}  // namespace

bool is_jpeg(std::string_view bytes) { return bytes.starts_with("\xff\xd8\xff"); }

PictureSize jpeg_size(std::string_view bytes, std::string_view name) { return Decoder(bytes, name).size(); }

DecodedPicture decode_jpeg(std::string_view bytes, std::string_view name, const Decoding& how) {
  Decoder decoder(bytes, name);
  DecodedPicture decoded{.stored = decoder.size()};
  const double most = how.reduction ? how.reduction(decoded.stored) : 1;
  while (decoded.reduction < 8 && 2 * decoded.reduction <= most) decoded.reduction *= 2;
  decoded.picture = decoder.decode(decoded.reduction, how.channels == 1);
  if (decoded.picture.channels == 4) decoded.picture = rgb_of_cmyk(decoded.picture, decoder.is_inverted());
  if (how.channels != 0) decoded.picture = how.channels == 1 ? to_grey(decoded.picture) : to_rgb(decoded.picture);
  return decoded;
}

}  // namespace lineament
