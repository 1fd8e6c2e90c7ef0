import { describe, expect, it } from 'vitest';
import { missingEndpoint } from './missing-endpoint.ts';

const error = (message: string, more: Record<string, unknown> = {}) =>
  JSON.stringify({ error: { message, type: 'invalid_request_error', param: null, code: null, ...more } });

describe('[E11-07] nothing stands at the address', () => {
  it.each([
    ['OpenAI', 404, error('Invalid URL (POST /v1/chat/completions)')],
    [
      'Groq',
      404,
      error('Unknown request URL: POST /openai/v1/responses. Please check the URL.', { code: 'unknown_url' }),
    ],
    ['FastAPI (vLLM, LiteLLM, SGLang)', 404, '{"detail":"Not Found"}'],
    ['FastAPI, another method', 405, '{"detail":"Method Not Allowed"}'],
    ['Gin (Ollama)', 404, '404 page not found'],
    ['llama.cpp', 404, '{"error":{"code":404,"message":"File Not Found","type":"not_found_error"}}'],
    ['LM Studio', 200, '{"error":"Unexpected endpoint or method. (POST /v1/responses)"}'],
    ['Kong (Mistral)', 404, '{"message":"no Route matched with those values"}'],
    ['Azure', 404, '{"error":{"code":"404","message":"Resource not found"}}'],
    ['Anthropic’s shape', 404, '{"type":"error","error":{"type":"not_found_error","message":"Not Found"}}'],
    ['Express', 404, '<!DOCTYPE html><html><body><pre>Cannot POST /v1/chat/completions</pre></body></html>'],
    ['nginx', 404, '<html><head><title>404 Not Found</title></head></html>'],
    ['nothing', 404, ''],
    ['an empty object', 404, '{}'],
    ['a bare word', 404, '{"error":"not_found"}'],
    ['an agent', 404, '{"error":{"message":"Not Found","type":"invalid_request_error","code":"not_found"}}'],
    ['not implemented', 501, "Unsupported method ('POST')"],
  ])('as %s says it', (_who, status, body) => {
    expect(missingEndpoint(status, body)).toBe('address');
  });
});

describe('[E11-07] the model is asked in another protocol', () => {
  it.each([
    [404, error('This model is only supported in v1/responses and not in v1/chat/completions.', { param: 'model' })],
    [
      404,
      error(
        'This is not a chat model and thus not supported in the v1/chat/completions endpoint. Did you mean to use v1/completions?',
        { param: 'model' },
      ),
    ],
    [
      400,
      error(
        'Function tools with reasoning_effort are not supported for gpt-x in /v1/chat/completions. Please use /v1/responses instead.',
      ),
    ],
    [400, error("The requested model 'x' cannot be used with the Responses API.", { code: 'unsupported_model' })],
    [
      400,
      '{"object":"error","message":"The model does not support Chat Completions API","type":"BadRequestError","code":400}',
    ],
  ])('%i %s', (status, body) => {
    expect(missingEndpoint(status, body)).toBe('model');
  });
});

describe('[E11-07] something else is missing, or wrong', () => {
  it.each([
    [
      'OpenAI',
      404,
      error('The model `gpt-9` does not exist or you do not have access to it.', { code: 'model_not_found' }),
    ],
    ['OpenRouter', 404, '{"error":{"message":"No endpoints found for foo/bar.","code":404}}'],
    ['OpenRouter', 404, '{"error":{"message":"No endpoints found that support image input","code":404}}'],
    ['OpenRouter', 404, '{"error":{"message":"No endpoints found matching your data policy.","code":404}}'],
    [
      'OpenRouter',
      404,
      '{"error":{"message":"No allowed providers are available for the selected model.","code":404}}',
    ],
    [
      'vLLM',
      404,
      '{"object":"error","message":"The model `x` does not exist.","type":"NotFoundError","param":null,"code":404}',
    ],
    [
      'vLLM',
      404,
      '{"error":{"message":"The model `x` does not exist.","type":"NotFoundError","param":"model","code":404}}',
    ],
    ['Ollama', 404, '{"error":{"message":"model \\"x\\" not found, try pulling it first","type":"api_error"}}'],
    ['Ollama', 404, '{"error":"model \'x\' not found"}'],
    [
      'Azure',
      404,
      '{"error":{"code":"DeploymentNotFound","message":"The API deployment for this resource does not exist."}}',
    ],
    [
      'OpenAI, a reference',
      404,
      error("Item with id 'rs_1' not found. Items are not persisted when `store` is set to false.", { param: 'input' }),
    ],
    [
      'OpenAI, an answer',
      404,
      error("Previous response with id 'resp_1' not found.", { code: 'previous_response_not_found' }),
    ],
    [
      'an agent, an answer',
      404,
      '{"error":{"message":"Previous response not found: resp_1","type":"invalid_request_error"}}',
    ],
    ['Anthropic', 404, '{"type":"error","error":{"type":"not_found_error","message":"model: claude-9"}}'],
    ['a text', 404, 'model not found'],
    ['a refusal', 400, error('Invalid value for model.')],
    ['a field', 400, error("Unsupported parameter: 'max_tokens' is not supported with this model.")],
    ['a field', 400, error("The parameter 'stop' is not supported with the Responses API.", { param: 'stop' })],
    [
      'a field',
      400,
      error("Unsupported parameter: 'max_tokens'. In the Responses API, use 'max_output_tokens' and not this."),
    ],
    ['a plan', 403, error('This model is only available in the Responses API for your plan.')],
    ['a key', 401, '{"detail":"Not Found"}'],
    ['a fault', 500, 'Not Found'],
    ['an answer', 200, '{"id":"resp_1","object":"response","error":null}'],
    ['an answer about a path', 200, '{"message":"unknown path"}'],
    ['an error under 200', 200, '{"error":{"message":"Rate limit reached","type":"rate_limit_error"}}'],
  ])('as %s says it', (_who, status, body) => {
    expect(missingEndpoint(status, body)).toBeNull();
  });
});
