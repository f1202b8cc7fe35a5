// qbws as it is started by its README.
require('qbws').run();
