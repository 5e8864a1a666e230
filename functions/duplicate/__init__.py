"""Has this voter signed this campaign already?"""
