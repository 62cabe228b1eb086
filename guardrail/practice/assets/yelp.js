// The practice Yelp: a GraphQL batch fills the reviews, suggestions while one types.
"use strict";

(() => {
  const { fills, json, parse, searchBox, send } = practice;

  fills.reviews = () =>
    send(
      null,
      "/gql/batch",
      json([{ operationName: "GetBusinessReviewFeed", variables: { encBizId: "PracticeBiz00000000001", reviewsPerPage: 10 } }]),
    );

  searchBox(async (text) => {
    const query = new URLSearchParams({ loc: "Victoria, BC", loc_name_param: "loc", prefix: text });
    const answer = parse(await send(null, `/search_suggest/v2/prefetch?${query}`));
    return (answer?.response ?? []).flatMap((group) => group.suggestions.map((one) => one.title));
  });
})();
