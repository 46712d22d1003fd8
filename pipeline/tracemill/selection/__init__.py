"""What enters the dataset: problems are screened before anybody is asked, traces are chosen per view afterwards."""
