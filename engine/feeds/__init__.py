"""The feeds: connections kept up, prices doubted and watched, orders' news handed on."""
