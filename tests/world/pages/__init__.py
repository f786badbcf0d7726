"""Pages as people have them: each is made after a kind of real site, served by a small server of its own."""
