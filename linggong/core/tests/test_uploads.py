"""Photos: only pictures, small, upright, without what the camera wrote, under a name nobody can guess."""

import io
import zlib

import pytest
from PIL import Image

from linggong.core import uploads
from linggong.core.uploads import BadPhoto, NoRoomForPhoto, PhotoTooBig, forget_image, keep_image, open_image


@pytest.fixture(autouse=True)
def root(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "papers"
    return settings.MEDIA_ROOT


def picture(form="JPEG", size=(1600, 900), colour="teal", mode="RGB", **save):
    out = io.BytesIO()
    Image.new(mode, size, colour).save(out, form, **save)
    return out.getvalue()


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_a_picture_is_kept_small_as_jpeg(form):
    path = keep_image(picture(form), "certificates")

    with Image.open(io.BytesIO(open_image(path))) as kept:
        assert kept.format == "JPEG"
        assert kept.size == (1280, 720)


def test_what_the_camera_wrote_is_gone_and_the_picture_stands_upright():
    exif = Image.Exif()
    exif[0x0112] = 6  # lying on its side
    exif[0x010F] = "SecretCamera"
    exif.get_ifd(0x8825)[1] = "N"
    data = picture(size=(400, 200), exif=exif, comment=b"where I live")
    assert b"SecretCamera" in data

    kept = open_image(keep_image(data, "papers"))

    assert b"SecretCamera" not in kept
    assert b"where I live" not in kept
    with Image.open(io.BytesIO(kept)) as image:
        assert not image.getexif()
        assert image.size == (200, 400)


def test_a_hidden_tail_does_not_survive():
    kept = open_image(keep_image(picture() + b"<script>alert(1)</script>", "papers"))

    assert b"<script>" not in kept


def test_see_through_parts_become_paper():
    kept = open_image(keep_image(picture("PNG", size=(50, 50), mode="RGBA", colour=(0, 0, 0, 0)), "papers"))

    with Image.open(io.BytesIO(kept)) as image:
        assert image.getpixel((25, 25)) == (255, 255, 255)


def test_two_equal_pictures_have_two_names_nobody_can_guess():
    one, other = keep_image(picture(), "papers"), keep_image(picture(), "papers")

    assert one != other
    assert len(one.removeprefix("papers/").removesuffix(".jpg")) == 32


def flood(side) -> bytes:
    """A PNG of a hundred bytes that says it is `side` by `side` pixels."""

    def chunk(kind, body):
        return len(body).to_bytes(4, "big") + kind + body + zlib.crc32(kind + body).to_bytes(4, "big")

    header = side.to_bytes(4, "big") * 2 + b"\x08\x02\x00\x00\x00"
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"0")) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("data", "refusal"),
    [
        (b"", BadPhoto),
        (b"hello", BadPhoto),
        (b'<svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>', BadPhoto),
        (b"%PDF-1.4\n%%EOF", BadPhoto),
        (picture("GIF"), BadPhoto),
        (picture()[:300], BadPhoto),
        (picture("PNG")[:-40], BadPhoto),
        (b"\xff\xd8\xff\xe0" + b"\x00" * 200, BadPhoto),
        (flood(30_000), PhotoTooBig),
        (flood(7_000), PhotoTooBig),
        (b"\xff\xd8\xff" + b"\x00" * uploads.BYTES_MAX, PhotoTooBig),
    ],
)
def test_what_is_no_photo_is_refused_in_words_and_nothing_is_kept(root, data, refusal):
    with pytest.raises(refusal) as no:
        keep_image(data, "papers")

    assert "照片" in str(no.value)
    assert not root.exists()


def test_a_full_disk_is_said_in_one_sentence(root):
    root.parent.mkdir(exist_ok=True)
    root.write_text("a file where the folder should be")

    with pytest.raises(NoRoomForPhoto):
        keep_image(picture(), "papers")


@pytest.mark.parametrize("path", ["", "../secret.txt", "/etc/hostname", "papers/../../secret.txt"])
def test_no_path_leads_out_of_the_folder(root, path):
    root.mkdir()
    (root.parent / "secret.txt").write_text("secret")

    with pytest.raises(FileNotFoundError):
        open_image(path)
    forget_image(path)
    assert (root.parent / "secret.txt").exists()


def test_a_forgotten_photo_is_gone_and_forgetting_twice_is_no_error():
    path = keep_image(picture(), "papers")

    forget_image(path)
    forget_image(path)

    with pytest.raises(FileNotFoundError):
        open_image(path)


def test_a_folder_is_a_plain_name():
    with pytest.raises(ValueError, match="plain name"):
        keep_image(picture(), "../elsewhere")
