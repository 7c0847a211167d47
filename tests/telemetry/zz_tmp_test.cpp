// Until the folder's first test is here.
