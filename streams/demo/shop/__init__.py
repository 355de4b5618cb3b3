"""The demo's shop: what it sells, who buys there and what they write; all made up for this project, from one seed."""
