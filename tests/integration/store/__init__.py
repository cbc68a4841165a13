"""The store on real databases and real disks."""
