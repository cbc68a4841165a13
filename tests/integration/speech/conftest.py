from tests.fixtures.speech import model_data_dir, speech_engine

__all__ = ["model_data_dir", "speech_engine"]
