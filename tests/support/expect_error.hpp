// Expectation of an mbm::Error with its kind and parts of its message.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <initializer_list>
#include <string>

#include "cmodel/common/error.hpp"

namespace mbm::test {

// Runs `action`, which must throw an Error of `kind` whose one line contains every one of `parts`.
inline void expect_error(ErrorKind kind, std::initializer_list<std::string> parts,
                         const std::function<void()>& action) {
  try {
    action();
    ADD_FAILURE() << "no error, expected one with \"" << *parts.begin() << '"';
  } catch (const Error& error) {
    const std::string message = error.what();
    EXPECT_EQ(error.kind(), kind) << message;
    EXPECT_EQ(message.find('\n'), std::string::npos) << message;
    for (const std::string& part : parts) {
      EXPECT_NE(message.find(part), std::string::npos)
          << '"' << part << "\" is not in: " << message;
    }
  }
}

inline void expect_input_error(std::initializer_list<std::string> parts,
                               const std::function<void()>& action) {
  expect_error(ErrorKind::input, parts, action);
}

}  // namespace mbm::test
