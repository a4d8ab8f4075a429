//! A model that answers, under its name.

use std::cell::OnceCell;
use std::rc::Rc;

use api::ModelName;
use inference::{
    CompiledForm, Diamond, Estimate, Header, Image, ModelId, Predictor, PriceLists, image,
};

/// A model at work under its name.
#[derive(Debug)]
pub(crate) struct LoadedModel {
    pub(crate) id: String,
    pub(crate) predictor: Pricing,
    /// What explains the prices of a model that was loaded, once somebody has asked.
    explainer: OnceCell<Predictor>,
}

/// What prices stones.
#[derive(Debug)]
pub(crate) enum Pricing {
    /// Decoded from a blob: explains too.
    Decoded(Predictor),
    /// Loaded from an image, in a fiftieth of the time.
    Loaded(Predictor<CompiledForm>),
}

impl Pricing {
    /// What the model says of itself.
    pub(crate) fn header(&self) -> &Header {
        match self {
            Pricing::Decoded(predictor) => predictor.header(),
            Pricing::Loaded(predictor) => predictor.header(),
        }
    }

    /// The price lists that the model knows.
    pub(crate) fn price_lists(&self) -> PriceLists {
        *self.header().encoder.price_lists()
    }

    /// The price of a stone with its range and its warnings: the same of either kind, to the bit.
    pub(crate) fn estimate(&self, diamond: &Diamond) -> Estimate {
        match self {
            Pricing::Decoded(predictor) => predictor.estimate(diamond),
            Pricing::Loaded(predictor) => predictor.estimate(diamond),
        }
    }
}

impl LoadedModel {
    /// The model's name, as responses have it.
    pub(crate) fn name(&self) -> ModelName {
        ModelName { id: self.id.clone(), family: self.predictor.header().family.clone() }
    }

    /// Decodes a blob; its name follows from its bytes.
    ///
    /// # Errors
    ///
    /// What is wrong and what to do, as a sentence.
    pub(crate) fn decode(blob: &[u8]) -> Result<Rc<LoadedModel>, String> {
        let predictor = Predictor::from_blob(blob).map_err(|error| error.to_string())?;
        Ok(LoadedModel::new(ModelId::of(blob).to_string(), Pricing::Decoded(predictor)))
    }

    /// Decodes the blob that the registry keeps of a model.
    ///
    /// # Errors
    ///
    /// What is wrong and what to do, as a sentence; also where the blob is another model's.
    pub(crate) fn decode_as(id: &str, blob: &[u8]) -> Result<Rc<LoadedModel>, String> {
        Ok(LoadedModel::new(id.to_owned(), Pricing::Decoded(decode_as(id, blob)?)))
    }

    /// Loads the image that the registry keeps of a model.
    ///
    /// # Errors
    ///
    /// What is wrong and what to do, as a sentence; also where the image is another model's.
    pub(crate) fn load_as(id: &str, image: &[u8]) -> Result<Rc<LoadedModel>, String> {
        let Image { id: found, predictor } =
            image::decode(image).map_err(|error| format!("the image of model {id}: {error}"))?;
        if found.as_str() == id {
            Ok(LoadedModel::new(id.to_owned(), Pricing::Loaded(predictor)))
        } else {
            Err(format!("the image of model {id} is that of {found}; run `trainer migrate`"))
        }
    }

    fn new(id: String, predictor: Pricing) -> Rc<LoadedModel> {
        Rc::new(LoadedModel { id, predictor, explainer: OnceCell::new() })
    }

    /// What explains the model's prices, where that is decoded.
    pub(crate) fn explainer(&self) -> Option<&Predictor> {
        match &self.predictor {
            Pricing::Decoded(predictor) => Some(predictor),
            Pricing::Loaded(_) => self.explainer.get(),
        }
    }

    /// Decodes the model's blob and keeps the result, which explains prices.
    ///
    /// # Errors
    ///
    /// What is wrong and what to do, as a sentence.
    pub(crate) fn decode_explainer(&self, blob: &[u8]) -> Result<&Predictor, String> {
        let predictor = decode_as(&self.id, blob)?;
        // Another request may have decoded it meanwhile; the first is kept.
        Ok(self.explainer.get_or_init(|| predictor))
    }
}

fn decode_as(id: &str, blob: &[u8]) -> Result<Predictor, String> {
    let predictor = Predictor::from_blob(blob).map_err(|error| format!("model {id}: {error}"))?;
    let found = ModelId::of(blob);
    if found.as_str() == id {
        Ok(predictor)
    } else {
        Err(format!("model {id}: its blob is that of {found}; run `trainer verify {id}`"))
    }
}
