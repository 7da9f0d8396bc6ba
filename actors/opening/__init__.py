"""From configurations to open ways to exchanges, with all that can be wrong found first."""
