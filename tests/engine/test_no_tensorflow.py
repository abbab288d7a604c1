"""The engine runs without TensorFlow, and says so when somebody needs it."""

import os
import subprocess
import sys
from importlib.machinery import PathFinder

import pytest
from conftest import ROOT

without = pytest.mark.skipif(PathFinder.find_spec("tensorflow") is not None, reason="TensorFlow is installed here")
PREFIX = "from engine import no_tensorflow; no_tensorflow.install(); "


def run(code):
    return subprocess.run([sys.executable, "-c", PREFIX + code], cwd=ROOT, capture_output=True, text=True)


@without
def test_rasa_can_be_imported():
    assert run("import rasa.core.agent, rasa.nlu.classifiers.diet_classifier").returncode == 0


@without
@pytest.mark.parametrize("use", ["tf.constant(1)", "tf.keras.layers.Dense(3)", "tf.data.Dataset.from_tensors([1])"])
def test_a_real_use_is_refused(use):
    done = run(f"import tensorflow as tf\ndef use():\n    {use}\nuse()")
    assert done.returncode != 0 and "install the engine with the extra `tensorflow`" in done.stderr


@without
def test_a_neural_pipeline_is_refused_at_training(tmp_path):
    (tmp_path / "config.yml").write_text(
        "recipe: default.v1\nassistant_id: x\nlanguage: es\npipeline:\n- name: WhitespaceTokenizer\n"
        "- name: CountVectorsFeaturizer\n- name: DIETClassifier\n  epochs: 1\npolicies:\n- name: RulePolicy\n"
    )
    (tmp_path / "domain.yml").write_text('version: "3.1"\nintents: [a, b]\n')
    (tmp_path / "nlu.yml").write_text(
        'version: "3.1"\nnlu:\n- intent: a\n  examples: |\n    - uno dos\n    - tres\n- intent: b\n  examples: |\n    - cuatro\n    - cinco\n'
    )
    command = [sys.executable, "-m", "engine", "train", "nlu", "--config", str(tmp_path / "config.yml")]
    command += ["--nlu", str(tmp_path / "nlu.yml"), "--domain", str(tmp_path / "domain.yml"), "--out", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, env={**os.environ})
    assert done.returncode != 0 and "install the engine with the extra `tensorflow`" in done.stderr


@without
def test_other_libraries_see_that_it_is_missing():
    assert run("import thinc.compat; assert not thinc.compat.has_tensorflow_gpu").returncode == 0


def test_it_steps_aside_for_the_real_one(tmp_path):
    (tmp_path / "tensorflow").mkdir()
    (tmp_path / "tensorflow" / "__init__.py").write_text("real = True")
    code = f"import sys; sys.path.insert(0, {str(tmp_path)!r})\nfrom engine import no_tensorflow\n"
    code += "assert no_tensorflow.install() is False\nimport tensorflow; assert tensorflow.real"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT).returncode == 0
