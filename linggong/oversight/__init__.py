"""The bureau's view: the whole chain, figures, sanctions."""
