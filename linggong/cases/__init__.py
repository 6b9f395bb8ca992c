"""When something is wrong: file, own, answer, close."""
