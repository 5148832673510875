// Randomness without state: a number is a function of a seed and a counter, on any thread and any device.
#pragma once
#include <cstdint>
#include <string_view>

namespace lineament {

/// Steele, Lea & Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014.
constexpr uint64_t splitmix64(uint64_t x) {
  x += 0x9E3779B97F4A7C15u;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
  return x ^ (x >> 31);
}

/// Fowler, Noll and Vo's hash, 64 bits: turns a name into a stream.
constexpr uint64_t fnv1a64(std::string_view text) {
  uint64_t hash = 0xCBF29CE484222325u;
  for (char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3u;
  return hash;
}

/// A stream of its own for each (seed, stream): add a counter to it and mix.
constexpr uint64_t stream_key(uint64_t seed, uint64_t stream) { return splitmix64(splitmix64(seed) ^ stream); }

constexpr uint64_t random_bits(uint64_t key, uint64_t counter) { return splitmix64(key + counter); }

/// Uniform in [0, 1), 24 bits: exact in f32.
constexpr float random_uniform(uint64_t key, uint64_t counter) {
  return static_cast<float>(random_bits(key, counter) >> 40) * 0x1p-24f;
}

/// Uniform in [0, n), n > 0; the bias is below n / 2^32.
constexpr uint64_t random_below(uint64_t key, uint64_t counter, uint64_t n) {
  return (random_bits(key, counter) >> 32) * n >> 32;
}

}  // namespace lineament
