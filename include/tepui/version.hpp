#pragma once

/// @file
/// The version of the library. CMake reads the three numbers from here; nothing else repeats them.

#define TEPUI_VERSION_MAJOR 0
#define TEPUI_VERSION_MINOR 1
#define TEPUI_VERSION_PATCH 0

/// One comparable number: MAJOR * 10000 + MINOR * 100 + PATCH.
#define TEPUI_VERSION \
  (TEPUI_VERSION_MAJOR * 10000 + TEPUI_VERSION_MINOR * 100 + TEPUI_VERSION_PATCH)

#define TEPUI_TEXT_OF(number) #number
#define TEPUI_VERSION_TEXT(major, minor, patch) \
  TEPUI_TEXT_OF(major) "." TEPUI_TEXT_OF(minor) "." TEPUI_TEXT_OF(patch)

namespace tepui {

/// The version as text, recorded in every result file.
inline constexpr char version_string[] =
    TEPUI_VERSION_TEXT(TEPUI_VERSION_MAJOR, TEPUI_VERSION_MINOR, TEPUI_VERSION_PATCH);

}  // namespace tepui

#undef TEPUI_VERSION_TEXT
#undef TEPUI_TEXT_OF
