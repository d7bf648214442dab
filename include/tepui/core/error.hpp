#pragma once

#include <stdexcept>
#include <string>

namespace tepui {

/// @brief Base of every exception the library throws.
///
/// The message says what was attempted, what was found, what was expected and, where there is one,
/// what to do about it. Programming errors that the compiler can see are compile errors instead.
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// @brief A setting is out of its documented range, or settings contradict each other.
class SettingError : public Error {
 public:
  using Error::Error;
};

/// @brief A data file or a data set is damaged or does not fit what was asked of it.
class DataError : public Error {
 public:
  using Error::Error;
};

/// @brief A file could not be opened, read, written or renamed.
class FileError : public Error {
 public:
  using Error::Error;
};

/// @brief A device is missing, too small, or its driver does not fit the program.
class DeviceError : public Error {
 public:
  using Error::Error;
};

/// @brief Training or evaluation produced a value that is not finite.
///
/// A search records it as the failure of one candidate and goes on.
class DivergenceError : public Error {
 public:
  using Error::Error;
};

}  // namespace tepui
