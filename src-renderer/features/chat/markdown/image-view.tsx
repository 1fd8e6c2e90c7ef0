import { ExternalLink, ImageOff } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { mediaUrl } from '../../../ipc/media-access.ts';
import { Icon } from '../../../ui/icons.tsx';
import { imageTarget } from './link-target.ts';

/**
 * A picture of an answer. A file is asked for where the host serves files; a picture from elsewhere is named with its
 * host and never loaded into the page, since asking for it would already tell that host something.
 */
export function ImageView({ src, alt, title }: { src: string; alt: string; title: string }) {
  const { t } = useTranslation();
  const [broken, setBroken] = useState(false);
  const target = imageTarget(src);
  const name = alt === '' ? t('answer.image') : alt;
  if (target.kind === 'file' && !broken) {
    return (
      <img
        src={mediaUrl(target.path)}
        alt={alt}
        title={title === '' ? undefined : title}
        loading="lazy"
        onError={() => setBroken(true)}
        className="answer-image"
      />
    );
  }
  if (target.kind === 'remote') {
    return (
      <a
        href={target.href}
        target="_blank"
        rel="noopener noreferrer"
        title={target.href}
        data-testid="remote-image"
        className="answer-chip"
      >
        <Icon of={ExternalLink} size={13} />
        <span>{t('answer.remoteImage', { name, host: target.host })}</span>
      </a>
    );
  }
  return (
    <span className="answer-chip" title={src.slice(0, 200)} data-testid="image-missing">
      <Icon of={ImageOff} size={13} />
      <span>{t(broken ? 'answer.imageGone' : 'answer.imageHidden', { name })}</span>
    </span>
  );
}
