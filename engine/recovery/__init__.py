"""What is known of a grid elsewhere when its journal is lost or behind, and how that becomes its journal again."""
