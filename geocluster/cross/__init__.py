"""Who is near whom across the border, by how much more than chance, at which distance?"""
