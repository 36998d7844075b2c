"""`make site`: a static folder with the paste page, every rule's page, the gallery and the documents."""
