//! The images of models, which services load in place of blobs.

use connection::params;
use inference::image;

use super::{Registry, RegistryError};

impl Registry {
    /// How many bytes the image of a model has that services can load, or why they cannot.
    ///
    /// # Errors
    ///
    /// The database's own.
    pub async fn image(&self, id: &str) -> Result<Result<usize, String>, RegistryError> {
        let sql = "SELECT image FROM models WHERE id = ?";
        let image = self.connection.first(sql, [id], |row| row.get::<Option<Vec<u8>>>(0)).await?;
        Ok(image
            .flatten()
            .ok_or_else(|| String::from("it has none"))
            .and_then(|image| check(id, &image)))
    }

    /// Makes the image of every model that has none that this build can load, and returns the ids. A model whose blob is
    /// damaged is left without: services cannot explain its prices, and `trainer doctor` names it.
    ///
    /// # Errors
    ///
    /// The database's own.
    pub async fn make_images(&self) -> Result<Vec<String>, RegistryError> {
        let mut made = Vec::new();
        for id in self.ids().await? {
            if self.image(&id).await?.is_ok() {
                continue;
            }
            let Ok(image) = image::encode(&self.blob(&id).await?) else { continue };
            let sql = "UPDATE models SET image = ? WHERE id = ?";
            self.connection.execute(sql, params![image, id.clone()]).await?;
            made.push(id);
        }
        Ok(made)
    }
}

/// The size of an image that can be loaded and is of this model.
fn check(id: &str, image: &[u8]) -> Result<usize, String> {
    match image::decode(image) {
        Ok(found) if found.id.as_str() == id => Ok(image.len()),
        Ok(found) => Err(format!("it is of {}", found.id)),
        Err(error) => Err(error.to_string()),
    }
}
