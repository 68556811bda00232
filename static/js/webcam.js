/** Takes photos with the browser's camera; says in plain words when there is none, or it may not be used. */

const JPEG_QUALITY = 0.92;
const PROBLEMS = {
  NotAllowedError: "refused",
  SecurityError: "refused",
  NotFoundError: "none",
  OverconstrainedError: "none",
};

export class Webcam {
  constructor(element, onPhoto) {
    this.element = element;
    this.panel = element.querySelector("[data-webcam]");
    this.video = element.querySelector("video");
    this.starter = element.querySelector("[data-webcam-start]");
    this.starter.hidden = false;
    this.starter.addEventListener("click", () => this.start());
    element.querySelector("[data-webcam-stop]").addEventListener("click", () => this.stop());
    element.querySelector("[data-webcam-shoot]").addEventListener("click", () => this.shoot(onPhoto));
    window.addEventListener("pagehide", () => this.stop());
  }

  async start() {
    this.tell("");
    if (!navigator.mediaDevices) return this.tell("insecure");
    try {
      const video = { width: { ideal: 1280 }, height: { ideal: 720 }, facingMode: "user" };
      this.video.srcObject = await navigator.mediaDevices.getUserMedia({ video });
      this.panel.hidden = false;
      this.starter.hidden = true;
      await this.video.play();
    } catch (error) {
      this.stop();
      this.tell(PROBLEMS[error.name] ?? "busy");
    }
  }

  stop() {
    for (const track of this.video.srcObject?.getTracks() ?? []) track.stop();
    this.video.srcObject = null;
    this.panel.hidden = true;
    this.starter.hidden = false;
  }

  shoot(onPhoto) {
    if (!this.video.videoWidth) return;
    const canvas = document.createElement("canvas");
    canvas.width = this.video.videoWidth;
    canvas.height = this.video.videoHeight;
    canvas.getContext("2d").drawImage(this.video, 0, 0);
    const name = `webcam ${new Date().toLocaleTimeString(document.documentElement.lang)}.jpg`;
    canvas.toBlob((blob) => onPhoto(new File([blob], name, { type: "image/jpeg" })), "image/jpeg", JPEG_QUALITY);
  }

  tell(problem) {
    for (const notice of this.element.querySelectorAll("[data-webcam-problem]")) {
      notice.hidden = notice.dataset.webcamProblem !== problem;
    }
  }
}
